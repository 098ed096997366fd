from tests.happenings import *
def test_uid(house):
    with house.working():
        b = changed(registered(Child(1)), time="0001-01-01T00:00:00+14:00")
        house.smuggle("school", b, user_id="school"); house.ring()
    for q in house.quarantined(): print("Q", q.code, q.place, q.body == b, len(q.body), q.body[:50])
    print("EV", house.query("select state,type,source, happened_at from events"))
