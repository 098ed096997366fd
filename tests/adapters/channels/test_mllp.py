"""MLLP on real sockets: framing, answers, slow and hostile senders, lasting connections."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hl7.client import MLLPClient
from hl7.mllp import HL7StreamReader, HL7StreamWriter, start_hl7_server
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.mllp import MllpInlet, MllpOutlet, MllpPickup
from adapters.channels.mllp_answer import UNTIMED, read_answer, received_at
from adapters.channels.mllp_frames import Frames, framed
from adapters.contract import Document, Refusal
from schemas.errors import ChannelBusy, ChannelRefused, Fault

WHEN = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
Ending = Callable[[MllpPickup], None]


def message(number: str = "M1", version: str = "2.4", more: str = "PID|1\r") -> bytes:
    """Write a small message with a control id."""
    head = f"MSH|^~\\&|PAS|RXX|HUB|LA|20260907093000||SIU^S12|{number}|P|{version}\r"
    return (head + more).encode()


@pytest.fixture
def inlet() -> Iterator[MllpInlet]:
    """Listen on a free port with small limits."""
    made = MllpInlet(port=0, limit=2_000, idle_timeout=0.6, connections=4)
    yield made
    made.close()


def worked(inlet: MllpInlet, ending: Ending) -> list[Document]:
    """End every pickup in a thread of its own, and list what was picked up."""
    seen: list[Document] = []

    def work() -> None:
        for pickup in inlet.pickups(lambda: False):
            seen.append(pickup.document)
            ending(pickup)

    threading.Thread(target=work, daemon=True).start()
    return seen


def connected(inlet: MllpInlet) -> socket.socket:
    """Connect as a sender would."""
    return socket.create_connection(inlet.address, 5)


def answer(sock: socket.socket) -> bytes:
    """Read one framed answer."""
    data = b""
    while not data.endswith(b"\x1c\r"):
        piece = sock.recv(4096)
        if not piece:
            return data
        data += piece
    return data


def accepting(pickup: MllpPickup) -> None:
    """Accept whatever comes."""
    pickup.accept()


def test_a_message_is_picked_up_whole_and_answered_with_its_number(inlet: MllpInlet) -> None:
    """AA names the sender's MSH-10, swaps the applications and uses the same version."""
    seen = worked(inlet, accepting)
    with connected(inlet) as sock:
        sock.sendall(framed(message("ABC-1")))
        told = answer(sock)
    assert seen == [Document(message("ABC-1"), WHEN, ".hl7")]
    assert told.startswith(b"\x0bMSH|^~\\&|HUB|LA|PAS|RXX|")
    assert b"|ACK^S12|" in told
    assert b"|P|2.4\rMSA|AA|ABC-1\r" in told


def test_the_hl7_librarys_own_client_is_served(inlet: MllpInlet) -> None:
    """A sender written by others gets its answers, several on one connection."""
    worked(inlet, accepting)
    with MLLPClient(*inlet.address) as client:
        for number in ("L1", "L2", "L3"):
            told = client.send_message(message(number))
            assert read_answer(told.strip(b"\x0b\x1c\r")) == ("AA", number)


def test_frames_may_come_in_pieces_and_several_at_once(inlet: MllpInlet) -> None:
    """Bytes one by one, two frames in one packet, and garbage between frames all arrive right."""
    seen = worked(inlet, accepting)
    with connected(inlet) as sock:
        for byte in b"garbage\r\n" + framed(message("P1")):
            sock.sendall(bytes([byte]))
        first = answer(sock)
        sock.sendall(framed(message("P2")) + b"\r\n" + framed(message("P3")))
        rest = answer(sock)
        while rest.count(b"MSA") < 2:
            rest += answer(sock)
    assert b"P1" in first
    assert rest.index(b"P2") < rest.index(b"P3")
    assert [d.body for d in seen] == [message(n) for n in ("P1", "P2", "P3")]


def test_senders_do_not_wait_for_each_other(inlet: MllpInlet) -> None:
    """A second connection is served while the first is open."""
    worked(inlet, accepting)
    with connected(inlet) as one, connected(inlet) as two:
        one.sendall(b"\x0bMSH|^~\\&|half a frame")
        two.sendall(framed(message("T2")))
        assert b"MSA|AA|T2" in answer(two)


def test_a_sender_that_half_closes_still_gets_its_answer(inlet: MllpInlet) -> None:
    """Some senders shut their side after the last frame and then wait."""
    with connected(inlet) as sock:
        sock.sendall(framed(message("H1")))
        sock.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        worked(inlet, accepting)
        assert b"MSA|AA|H1" in answer(sock)


def test_a_frame_over_the_limit_is_refused_and_the_next_one_read(inlet: MllpInlet) -> None:
    """AR with the fault's code and the sender's number; nothing of it is picked up."""
    seen = worked(inlet, accepting)
    with connected(inlet) as sock:
        sock.sendall(framed(message("BIG", version="2.5.1", more="OBX|1|TX|||" + "x" * 300_000)))
        told = answer(sock)
        assert b"MSA|AR|BIG|" in told
        assert b"too-large" in told
        sock.sendall(framed(message("SMALL")))
        assert b"MSA|AA|SMALL" in answer(sock)
    assert len(seen) == 1


def test_a_sender_that_never_ends_its_frame_is_disconnected(inlet: MllpInlet) -> None:
    """A frame must be complete within the time-out, however steadily its bytes drip."""
    worked(inlet, accepting)
    with connected(inlet) as sock:
        began = time.monotonic()
        sock.sendall(b"\x0b")
        with pytest.raises((ConnectionError, BrokenPipeError)):  # noqa: PT012
            while time.monotonic() - began < 5:
                sock.sendall(b"x")
                time.sleep(0.05)
        assert 0.5 < time.monotonic() - began < 5


def test_a_sender_that_waits_for_its_answer_is_not_disconnected(inlet: MllpInlet) -> None:
    """The time-out does not run while the hub is the one who is slow."""
    with connected(inlet) as sock:
        sock.sendall(framed(message("W1")))
        time.sleep(1.0)
        worked(inlet, accepting)
        assert b"MSA|AA|W1" in answer(sock)


def test_no_more_than_the_allowed_connections_are_served(inlet: MllpInlet) -> None:
    """A sender over the number waits until a place is free."""
    worked(inlet, accepting)
    idle = [connected(inlet) for _ in range(4)]
    with connected(inlet) as fifth:
        fifth.settimeout(0.3)
        fifth.sendall(framed(message("Q1")))
        with pytest.raises(TimeoutError):
            fifth.recv(1)
        for sock in idle:
            sock.close()
        fifth.settimeout(5)
        assert b"MSA|AA|Q1" in answer(fifth)


@pytest.mark.parametrize(
    ("refusals", "code"),
    [
        ((Refusal(Fault.BAD_VALUE, "PID-7"),), "AE"),
        ((Refusal(Fault.NO_CHILD, "PID-3"),), "AE"),
        ((Refusal(Fault.UNSUPPORTED, "MSH-9"),), "AR"),
        ((Refusal(Fault.NOT_HL7),), "AR"),
        ((Refusal(Fault.WRONG_ENCODING, "MSH-18"),), "AR"),
        ((Refusal(Fault.UNSUPPORTED, "MSH-9"), Refusal(Fault.BAD_VALUE, "PID-7")), "AE"),
    ],
)
def test_a_refusal_says_why_in_the_hubs_own_words(
    inlet: MllpInlet, refusals: tuple[Refusal, ...], code: str
) -> None:
    """AE or AR with each fault's sentence, code and place, and nothing of the message."""
    worked(inlet, lambda pickup: pickup.refuse(refusals))
    for version in ("2.4", "2.5.1"):
        with connected(inlet) as sock:
            sock.sendall(framed(message("R1", version, "PID|1||CANARY^^^NHS\r")))
            told = answer(sock)
        assert f"MSA|{code}|R1|".encode() in told
        assert b"\rERR|" in told
        assert b"CANARY" not in told
        for refused in refusals:
            assert refused.fault.value.encode() in told
            assert refused.fault.sentence.encode() in told


def test_the_place_of_a_fault_stands_where_the_version_wants_it(inlet: MllpInlet) -> None:
    """ERR-1 up to v2.4, ERR-2 with severity and message from v2.5."""
    worked(inlet, lambda p: p.refuse((Refusal(Fault.BAD_VALUE, "message[2]/DG1[2]-3"),)))
    with MLLPClient(*inlet.address) as client:
        old, new = (client.send_message(message("E1", v)) for v in ("2.4", "2.5.1"))
    assert b"ERR|DG1^2^3^102&&HL70357&bad-value&&L\r" in old
    assert b"ERR||DG1^2^3|102^^HL70357|E|bad-value^^L|||A field" in new


def test_to_postpone_asks_for_the_message_again(inlet: MllpInlet) -> None:
    """AE with a text that says it may be repeated."""
    worked(inlet, lambda pickup: pickup.postpone())
    with MLLPClient(*inlet.address) as client:
        told = client.send_message(message("N1"))
    assert b"MSA|AE|N1|The hub cannot take this message now. Please send it again." in told


def test_only_the_first_end_of_a_pickup_counts(inlet: MllpInlet) -> None:
    """A pickup that was accepted is not answered a second time."""

    def twice(pickup: MllpPickup) -> None:
        pickup.accept()
        pickup.refuse((Refusal(Fault.BAD_VALUE),))

    worked(inlet, twice)
    with connected(inlet) as sock:
        sock.sendall(framed(message("O1")))
        assert b"MSA|AA|O1" in answer(sock)
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_a_connection_lost_before_its_answer_harms_nobody(inlet: MllpInlet) -> None:
    """The answer goes nowhere and the next sender is served; a repetition is the same document."""
    with connected(inlet) as sock:
        sock.sendall(framed(message("G1")))
        time.sleep(0.2)
    seen = worked(inlet, accepting)
    with MLLPClient(*inlet.address) as client:
        assert b"MSA|AA|G1" in client.send_message(message("G1"))
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_what_is_not_hl7_still_gets_an_answer(inlet: MllpInlet) -> None:
    """A frame without a readable header is answered without a number."""
    worked(inlet, lambda pickup: pickup.refuse((Refusal(Fault.NOT_HL7),)))
    with MLLPClient(*inlet.address) as client:
        told = client.send_message(b"<xml>no</xml>")
    assert b"\rMSA|AR||The input does not begin" in told


def test_an_answer_uses_the_senders_delimiters(inlet: MllpInlet) -> None:
    """Own delimiters and a fifth encoding character do not break the echo."""
    worked(inlet, accepting)
    with MLLPClient(*inlet.address) as client:
        told = client.send_message(b"MSH#*~\\&!#A#B#C#D#20260907##SIU*S12#N*7#P#2.7\r")
    assert b"MSH#*~\\&!#C#D#A#B#" in told
    assert b"MSA#AA#N*7" in told


def test_closing_asks_waiting_senders_to_repeat() -> None:
    """What was read and not taken is answered AE when the inlet closes."""
    inlet = MllpInlet(port=0)
    with connected(inlet) as sock:
        sock.sendall(framed(message("C1")))
        time.sleep(0.3)
        inlet.close()
        assert b"MSA|AE|C1" in answer(sock)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(inlet.address, 1)


def test_a_message_counts_as_received_at_its_own_time() -> None:
    """MSH-7 as London time; where there is none, one fixed moment, never the clock."""
    assert received_at(message()) == WHEN
    assert received_at(b"MSH|^~\\&|a|b|c|d|soon||SIU^S12|1|P|2.4") == UNTIMED
    assert received_at(b"nothing") == UNTIMED


@given(st.lists(st.binary(max_size=40).map(lambda b: b.translate(None, b"\x0b\x1c"))), st.data())
def test_frames_are_found_however_the_stream_is_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    """Whatever pieces a stream comes in, the same frames come out."""
    stream = b"".join(b"noise" + framed(body) for body in bodies)
    frames, found, at = Frames(100), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 20))
        found += [body for body, _ in frames.feed(stream[at : at + size])]
        at += size
    assert found == bodies


@given(st.binary(max_size=400))
def test_frames_hold_no_more_than_their_limit(noise: bytes) -> None:
    """No stream makes a reader hold more than the limit, or the head it keeps to answer with."""
    frames = Frames(50)
    list(frames.feed(b"\x0b" + noise + b"x" * 20_000))
    assert len(frames._buffer) <= 4_096 + 2


class Receiver:
    """An agency system that answers as a test says, on a real socket."""

    def __init__(self, *answers: Callable[[bytes], bytes | None]) -> None:
        """Listen; one callable answers one message, None closes the connection."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.got: list[bytes] = []
        self.connections = 0
        self.answers_a_connection = -1
        self._answers = iter(answers)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, after the senders have closed their side."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with sock:
                self._talk(sock)

    def _talk(self, sock: socket.socket) -> None:
        frames, left = Frames(100_000), self.answers_a_connection
        while data := sock.recv(4096):
            for body, _ in frames.feed(data):
                self.got.append(body)
                told = next(self._answers)(body)
                if told is None:
                    return
                sock.sendall(told)
                left -= 1
                if not left:
                    return


class Place:
    """Receivers and the outlets that send to them, all closed after a test."""

    def __init__(self) -> None:
        """Begin with none."""
        self.receivers: list[Receiver] = []
        self.outlets: list[MllpOutlet] = []

    def receiver(self, *answers: Callable[[bytes], bytes | None]) -> Receiver:
        """Set up a receiver."""
        self.receivers.append(Receiver(*answers))
        return self.receivers[-1]

    def outlet(self, address: tuple[str, int], timeout: float = 5) -> MllpOutlet:
        """Set up an outlet."""
        self.outlets.append(MllpOutlet(*address, timeout=timeout))
        return self.outlets[-1]


@pytest.fixture
def place() -> Iterator[Place]:
    """Close outlets, then receivers."""
    made = Place()
    yield made
    for one in (*made.outlets, *made.receivers):
        one.close()


def ack(code: str, number: str | None = None) -> Callable[[bytes], bytes]:
    """Answer with a code, about the message itself or another number."""

    def told(body: bytes) -> bytes:
        own = body.split(b"|")[9].decode()
        return framed(f"MSH|^~\\&|||||||ACK|9|P|2.4\rMSA|{code}|{number or own}\r".encode())

    return told


def hung_up(_: bytes) -> None:
    """Close the connection instead of answering."""


def sent(outlet: MllpOutlet, number: str) -> None:
    """Hand over a small message."""
    outlet.hand_over(Document(message(number), WHEN, ".hl7"), number)


def test_an_outlet_keeps_its_connection(place: Place) -> None:
    """Two messages, accepted or committed, go over one connection."""
    receiver = place.receiver(ack("AA"), ack("CA"))
    outlet = place.outlet(receiver.address)
    sent(outlet, "1")
    sent(outlet, "2")
    outlet.close()
    assert receiver.got == [message("1"), message("2")]
    assert receiver.connections == 1


@pytest.mark.parametrize("code", ["AE", "AR", "CE", "CR"])
def test_a_refusal_needs_a_person_and_names_the_code_only(place: Place, code: str) -> None:
    """The text of a foreign answer may hold personal data and is not kept."""
    receiver = place.receiver(lambda body: ack(code)(body).replace(b"\r\x1c", b"|CANARY\r\x1c"))
    with pytest.raises(ChannelRefused, match=code) as raised:
        sent(place.outlet(receiver.address), "1")
    assert "CANARY" not in str(raised.value)


def test_a_late_answer_to_an_earlier_message_is_passed_over(place: Place) -> None:
    """Only the answer with our own number counts, even where another stands before it."""
    receiver = place.receiver(
        lambda body: ack("AE", "OLD")(body) + ack("AA")(body), ack("AA", "OTHER")
    )
    outlet = place.outlet(receiver.address, 0.5)
    sent(outlet, "1")
    with pytest.raises(ChannelBusy):
        sent(outlet, "2")


def test_a_receiver_that_hangs_up_is_tried_again_on_a_new_connection(place: Place) -> None:
    """No answer means busy; the next message makes a connection of its own."""
    receiver = place.receiver(hung_up, ack("AA"))
    outlet = place.outlet(receiver.address)
    with pytest.raises(ChannelBusy):
        sent(outlet, "1")
    sent(outlet, "1")
    assert receiver.connections == 2


def test_a_connection_the_receiver_closed_in_between_is_renewed(place: Place) -> None:
    """A connection found closed before sending costs no failure."""
    receiver = place.receiver(ack("AA"), ack("AA"))
    receiver.answers_a_connection = 1
    outlet = place.outlet(receiver.address)
    sent(outlet, "1")
    time.sleep(0.2)
    sent(outlet, "2")
    assert receiver.connections == 2


def test_no_receiver_and_a_silent_one_are_busy(place: Place) -> None:
    """Connection refused and a missing answer are tried again later."""
    listener = socket.create_server(("127.0.0.1", 0))
    silent = place.outlet(listener.getsockname(), 0.3)
    with pytest.raises(ChannelBusy):
        sent(silent, "1")
    address = listener.getsockname()
    listener.close()
    silent.close()
    with pytest.raises(ChannelBusy):
        sent(place.outlet(address, 0.3), "1")


@pytest.mark.parametrize("body", [b"no header", b"MSH|^~\\&|\x0b|||||||1", b"MSH|^~\\&|||||||A"])
def test_a_document_that_cannot_be_framed_is_refused(body: bytes) -> None:
    """Without a number no answer could be told from another; block characters cannot be sent."""
    with pytest.raises(ChannelRefused):
        MllpOutlet(timeout=0.3).hand_over(Document(body, WHEN), "1")


def test_an_outlet_speaks_to_an_inlet(inlet: MllpInlet, place: Place) -> None:
    """Both ends of the channel understand each other."""
    seen = worked(inlet, accepting)
    outlet = place.outlet(inlet.address)
    sent(outlet, "B1")
    outlet.close()
    assert seen[0].body == message("B1")


def test_an_outlet_speaks_to_the_hl7_librarys_server(place: Place) -> None:
    """A receiver written by others takes our message and its answer is understood."""
    ready: list[int] = []
    got: list[str] = []
    up, done = threading.Event(), threading.Event()

    async def served(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        incoming = await reader.readmessage()
        got.append(str(incoming["MSH.F10"]))
        writer.writemessage(incoming.create_ack())
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await start_hl7_server(served, "127.0.0.1", 0, encoding="utf-8")
        ready.append(server.sockets[0].getsockname()[1])
        up.set()
        await asyncio.to_thread(done.wait, 10)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert up.wait(5)
    outlet = place.outlet(("127.0.0.1", ready[0]))
    sent(outlet, "F1")
    outlet.close()
    done.set()
    thread.join(5)
    assert got == ["F1"]
