"""What will run out is told of by rules: within so many days, of the lists named, each end once.

Time is handed in, years ahead of the crawls.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.site import Record, Town
from support.targets import Telling, Webhook
from support.yange import MISUSED, Yange

from scheduler.configuration import load
from scheduler.readers import Readers
from scheduler.telling.collecting import begin, collect, is_anything_due
from scheduler.telling.sending import send

SHANGHAI = ZoneInfo("Asia/Shanghai")
JUNE = datetime(2037, 6, 1, 9, tzinfo=SHANGHAI)
DAY = timedelta(days=1)

_PARKING = Record(
    title="停车管理办法",
    number="/2025-00001",
    document_number="柳政发〔2025〕1号",
    body=("第一条 略。", "第二条 本办法有效期至2037年6月30日。"),
)
_HEATING = Record(
    title="供热补贴办法",
    number="/2025-00002",
    agency="市住房和城乡建设局",
    repealed="2037-06-10 00:00:00",
)
_TAXIS = Record(
    title="出租汽车管理办法",
    number="/2025-00003",
    body=("第一条 略。", "第二条 本办法有效期至2037年12月31日。"),
)


class Office:
    """A town, its archive and rules, and what happens when the daemon looks at a moment."""

    def __init__(self, folder, town, webhook):
        self._town, self._webhook = town, webhook
        self._yange = Yange(folder, Telling(town))

    def publish(self, *records):
        for record in records:
            self._town.publish(record, f"/gk/{int(record.number[-5:])}/index.html")
        self._yange.crawl()

    def configure(self, *rules, **sections):
        told = [{"to": self._webhook.url(f"/{rule['name']}"), **rule} for rule in rules]
        self._yange.configure(Telling(self._town, *told, **sections))
        self.settings = load(self._yange.configuration).settings
        self._readers = Readers(self.settings)

    def look(self, now):
        """Look, and send what there is; whether there was anything to do."""
        if not is_anything_due(self.settings, now):
            return False
        collect(self.settings, self._readers, now)
        send(self.settings, str, now)
        return True


@pytest.fixture
def webhook():
    with Webhook() as running:
        yield running


@pytest.fixture
def office(tmp_path, webhook):
    with Town() as town:
        yield Office(tmp_path, town, webhook)


def test_what_runs_out_is_told_of_when_it_is_near_and_once(office, webhook):
    office.publish(_PARKING, _HEATING, _TAXIS)
    office.configure(
        {"name": "all", "expiries": 29},
        {"name": "today", "expiries": 0},
        {"name": "homes", "expiries": 300, "watch": "homes", "language": "en"},
        watch={"homes": {"agencies": ["住房"]}},
        room={"url": "https://room.example.org"},
    )
    # What is near at the first look is told of, and no run is needed for it.
    assert office.look(JUNE)
    (message,) = webhook.taken("/all")
    assert message["title"] == "[yange] 2 项即将到期"
    told = message["message"]
    heating, parking = told.index(_HEATING.title), told.index(_PARKING.title)
    assert heating < told.index("最后有效日 2037-06-10，门户所示废止日期") < parking
    assert "最后有效日 2037-06-30，有效期届满" in told
    assert "“第二条 本办法有效期至2037年6月30日。”" in told
    assert "柳政发〔2025〕1号" in told
    assert _HEATING.agency in told
    assert "/gk/1/index.html" in told
    assert "https://room.example.org/documents/" in told
    assert "https://room.example.org/calendar" in told
    assert _TAXIS.title not in told

    (homes,) = webhook.taken("/homes")
    assert homes["title"] == "[yange] ends ahead: 1"
    assert "last day 2037-06-10: the portal's date of repeal" in homes["message"]
    assert webhook.taken("/today") == []

    # A day is looked at once, and a run of no consequence tells nothing twice.
    assert not office.look(JUNE)
    office.publish()
    assert office.look(JUNE)
    assert office.look(JUNE + DAY)
    assert len(webhook.posts) == 2
    office.look(JUNE + 9 * DAY)
    office.look(JUNE + 10 * DAY)
    (message,) = webhook.taken("/today")
    assert _HEATING.title in message["message"]
    assert len(webhook.taken("/all")) == 1


def test_an_end_that_is_put_off_is_told_of_anew(office, webhook):
    office.publish(_PARKING)
    office.configure({"name": "all", "expiries": 30})
    office.look(JUNE)
    extended = _PARKING.but(body=("第一条 略。", "第二条 本办法有效期至2037年8月31日。"))
    office.publish(extended)
    office.look(JUNE + DAY)
    assert len(webhook.taken("/all")) == 1
    office.look(datetime(2037, 8, 1, tzinfo=SHANGHAI) - DAY)
    assert len(webhook.taken("/all")) == 1
    office.look(datetime(2037, 8, 1, tzinfo=SHANGHAI))
    assert "2037-08-31" in webhook.taken("/all")[1]["message"]


def test_one_that_is_shown_as_ended_for_a_while_is_not_told_of_again(office, webhook):
    office.publish(_PARKING)
    office.configure({"name": "all", "expiries": 30})
    office.look(JUNE)
    office.publish(_PARKING.but(validity="失效"))
    office.look(JUNE + DAY)
    office.publish(_PARKING)
    office.look(JUNE + 2 * DAY)
    assert len(webhook.taken("/all")) == 1


def test_a_digest_tells_of_it_at_its_time_and_again_if_it_did_not_arrive(office, webhook):
    office.publish(_PARKING)
    office.configure({"name": "digest", "expiries": 30, "when": "daily at 08:00"})
    begin(office.settings, JUNE)
    assert not office.look(JUNE + timedelta(hours=20))
    webhook.status = 503
    morning = JUNE.replace(hour=8) + DAY
    office.look(morning)
    webhook.status = 200
    office.look(morning + timedelta(minutes=2))
    (message,) = webhook.taken("/digest")
    assert message["title"] == "[yange] 2037-06-02 汇总，1 项即将到期"
    assert len(webhook.posts) == 2


def test_a_repeal_ahead_is_told_of_with_the_words_of_the_other(office, webhook):
    by = Record(
        title="机动车停放管理办法",
        number="/2025-00004",
        body=("本办法自2037年6月16日起施行，《停车管理办法》（柳政发〔2025〕1号）同时废止。",),
    )
    office.publish(_PARKING.but(body=("第一条 略。",)), by)
    office.configure({"name": "all", "expiries": 30, "portals": "town"})
    office.look(JUNE)
    told = webhook.taken("/all")[0]["message"]
    assert told.index(_PARKING.title) < told.index("最后有效日 2037-06-15，由其他文件废止")
    assert f"{by.number}：“{by.body[0]}”" in told


def test_many_ends_are_one_message_that_names_the_soonest(office, webhook):
    office.publish(
        *(
            Record(
                title=f"第{number}号办法",
                number=f"/2025-{number:05}",
                repealed=f"2037-06-{number:02} 00:00:00",
            )
            for number in range(1, 23)
        )
    )
    office.configure({"name": "all", "expiries": 30})
    office.look(JUNE)
    (message,) = webhook.taken("/all")
    assert message["title"] == "[yange] 22 项即将到期"
    assert "第20号办法" in message["message"]
    assert "第21号办法" not in message["message"]
    assert "共 22 项即将到期，可用命令查看：yange calendar" in message["message"]


@pytest.mark.parametrize("days", [-1, 1.5, True, "soon"])
def test_days_that_are_no_whole_number_are_refused(tmp_path, days):
    with Town() as town:
        rule = {"name": "a", "to": "json://h", "expiries": days}
        yange = Yange(tmp_path, Telling(town, rule))
    assert "notify[0].expiries" in yange.run("check", status=MISUSED).err
