"""Lazy properties: worked out once an object, and never one object's after another's."""

from threading import Barrier, Thread

from app.lazy import cached_property

PATIENCE = 30.0


class Report:
    """Something that is worked out while another one is."""

    def __init__(self, meeting: Barrier) -> None:
        self.times = 0
        self._meeting = meeting

    @cached_property
    def total(self) -> int:
        self.times += 1
        self._meeting.wait(PATIENCE)
        return 7


def test_two_reports_are_worked_out_side_by_side_and_each_once() -> None:
    reports = [Report(meeting) for meeting in [Barrier(2)] * 2]
    found: list[int] = []
    threads = [Thread(target=lambda report=report: found.append(report.total)) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == [7, 7]
    assert [report.total + report.times for report in reports] == [8, 8]
