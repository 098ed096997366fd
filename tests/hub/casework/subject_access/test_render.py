"""The pages are accessible and self-contained: structure, tables, no script, no links out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.render import note_html, report_html
from hub.casework.subject_access.report import SubjectAccess
from schemas.errors import ConfigurationError
from tests.hub.subject_worlds import copy_of, hub_of, open_events, play, secret_events

Page = Callable[[SubjectAccess], str]
PAGES = [report_html, note_html]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> SubjectAccess:
    """A copy with something of everything."""
    hub = hub_of(tmp_path_factory.mktemp("hub"))
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    return copy_of(hub, first)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_a_language_a_title_and_one_first_heading(
    found: SubjectAccess, page: Page
) -> None:
    """WCAG 2.2: 3.1.1, 2.4.2."""
    tree = html.document_fromstring(page(found))
    assert tree.get("lang") == "en-GB"
    assert tree.findtext("head/title")
    assert len(tree.findall(".//h1")) == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_level_of_heading_is_left_out(found: SubjectAccess, page: Page) -> None:
    """WCAG 2.2: 1.3.1."""
    levels = [int(level) for level in re.findall(r"<h([1-6])", page(found))]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("page", PAGES)
def test_every_table_has_a_caption_and_every_heading_cell_a_scope(
    found: SubjectAccess, page: Page
) -> None:
    """WCAG 2.2: 1.3.1."""
    tree = html.document_fromstring(page(found))
    tables = tree.findall(".//table")
    assert tables
    assert all((table.findtext("caption") or "").strip() for table in tables)
    assert all(cell.get("scope") in {"row", "col"} for cell in tree.findall(".//th"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_nothing_from_outside_and_runs_nothing(
    found: SubjectAccess, page: Page
) -> None:
    """It can be kept, sent and printed alone."""
    tree = html.document_fromstring(page(found))
    assert not tree.findall(".//script")
    assert not tree.xpath("//*[@src] | //link | //@*[starts-with(name(), 'on')]")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_a_page_leads_somewhere(found: SubjectAccess, page: Page) -> None:
    """WCAG 2.2: 2.4.1; and every id is unique."""
    tree = html.document_fromstring(page(found))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert [
        link for link in tree.xpath("//a/@href") if link[0] == "#" and link[1:] not in ids
    ] == []


def test_a_mark_has_words_and_not_colour_alone(found: SubjectAccess) -> None:
    """WCAG 2.2: 1.4.1."""
    tree = html.document_fromstring(report_html(found))
    marks = {mark.text for mark in tree.findall(".//td/span[@class='flag']")}
    assert marks == {About.ANOTHER_PERSON.sentence, About.FREE_TEXT.sentence}


def test_without_jinja2_the_error_names_the_extra(
    found: SubjectAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages' library comes with an extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigurationError, match=r"interagency-hub\[console\]"):
        report_html(found)


def test_the_templates_go_into_the_wheel() -> None:
    """They are inside a package of the wheel."""
    folder = Path(__file__).parents[4] / "hub" / "casework" / "subject_access" / "templates"
    assert {"base.html", "report.html", "note.html"} <= {one.name for one in folder.iterdir()}
