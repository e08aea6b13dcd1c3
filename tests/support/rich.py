"""An archive in which every table of evidence has something to lose, made in a second."""

from datetime import datetime
from zoneinfo import ZoneInfo

from test_archive import COLUMN, COPY, HOST, ROSTER, RULES, Portal, accept, gone, page, visit

from archive.capture import ListedRow, Outcome

OTHER = f"{HOST}/zwgk/t2.html"
LOST = f"{HOST}/zwgk/t3.html"
AGENCY = "http://nmj.example.gov.cn/t9.html"
LATE = page(
    title='集市 "管理" 办法\\试行 𠮷\u2028\x7f\x01',
    number="1500/2025-00007",
    files=[("名册", ROSTER)],
    validity_label="有效",
)


def rich_archive(path):
    """Documents amended, merged, copied, withdrawn and doubted; bytes that came late; its portal.

    Five runs, one of a person's, in whose course every kind of evidence is recorded.
    """
    town = Portal(path)
    # What is accepted is told of by the machine's clock, not by the town's.
    town.now = datetime(2020, 3, 1, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    with town.run() as crawl:
        crawl.archive.note_rows(COLUMN, [ListedRow(f"{HOST}/zwgk/t8.html", "通知")])
        crawl.archive.note_visit(visit(5))
        for url, body in {
            RULES: page(number="/2024-00001", validity_label="有效"),
            AGENCY: page(number="X/2024-00001", validity_label="有效"),
            OTHER: LATE,
            LOST: page("停水通知。", title="停水通知", number="1500/2025-00002"),
        }.items():
            crawl.see(url, body, {ROSTER: None})
    with town.run(problems=["a problem"], requests=7, received=4096) as crawl:
        crawl.see(RULES, page(number="X/2024-00001", validity_label="有效"))
        crawl.see(AGENCY, page(number="X/2024-00001", validity_label="有效"))
        crawl.see(OTHER, LATE, {ROSTER: b"1,2\n"})
        crawl.see(COPY, page(number="X/2024-00001", validity_label="有效"))
        crawl.miss(LOST)
        town.doubted = crawl.see(RULES, page(number=None)).evidence
    gone(town, LOST)
    accept(town, town.doubted)
    with town.run(problems=["another"]) as crawl:
        crawl.miss(AGENCY, Outcome.BLOCKED, 412, b"<script>")
        crawl.not_modified(OTHER)
    return town
