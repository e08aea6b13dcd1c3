"""Conflicts are told of by rules: new ones, of the kinds and lists that a rule names, each once."""

from support.site import Record, Town
from support.targets import Telling, Webhook
from support.yange import MISUSED, Yange

_OLD = Record(
    title="停车管理办法",
    number="/2025-00001",
    document_number="柳政发〔2020〕1号",
    body=("第一条 略。",),
)
_EXPIRED = Record(
    title="供热补贴办法",
    number="/2025-00002",
    body=("本办法自2020年1月1日起施行，有效期2年。",),
)
_NEW = Record(
    title="机动车停放管理办法",
    number="/2025-00003",
    body=("本办法自2025年3月1日起施行，《停车管理办法》（柳政发[2020]1号）同时废止。",),
)


def test_a_new_conflict_is_told_of_once(tmp_path):
    with Town() as town, Webhook() as webhook:
        rules = [
            {"name": "all", "to": webhook.url("/all"), "conflicts": [
                "repealed_by_another", "past_own_term"]},
            {"name": "terms", "to": webhook.url("/terms"), "conflicts": "past_own_term"},
            {"name": "heat", "to": webhook.url("/heat"), "watch": "heat", "language": "en",
             "conflicts": ["repealed_by_another", "past_own_term"]},
        ]  # fmt: skip
        lists = {"heat": {"words": ["供热"]}}
        yange = Yange(tmp_path, Telling(town))
        town.publish(_OLD, "/gk/1/index.html")
        town.publish(_EXPIRED, "/gk/2/index.html")
        yange.crawl()
        # What there was when the rules began is for `yange conflicts`.
        yange.configure(Telling(town, *rules, watch=lists))
        yange.crawl()
        yange.run("notify", "--send")
        assert webhook.taken("/all") == []

        town.publish(_NEW, "/gk/3/index.html")
        yange.crawl()
        yange.run("notify", "--send")
        (message,) = webhook.taken("/all")
        assert message["title"] == "[yange] 1 处前后矛盾"
        assert "停车管理办法 — 已被其他文件废止，仍显示为有效" in message["message"]
        assert _NEW.body[0] in message["message"]
        assert webhook.taken("/terms") == webhook.taken("/heat") == []

        town.publish(_EXPIRED.but(validity="失效"), "/gk/2/index.html")
        yange.crawl()
        town.publish(_EXPIRED, "/gk/2/index.html")
        yange.crawl()
        yange.run("notify", "--send")
        yange.crawl()
        yange.run("notify", "--send")
        assert len(webhook.taken("/all")) == 2
        assert len(webhook.taken("/terms")) == 1
        (heat,) = webhook.taken("/heat")
        assert heat["title"] == "[yange] 1 things that do not fit together"
        assert _EXPIRED.title in heat["message"]


def test_a_kind_of_conflict_that_there_is_not_is_refused(tmp_path):
    with Town() as town:
        rule = {"name": "a", "to": "json://h", "conflicts": ["gap"]}
        yange = Yange(tmp_path, Telling(town, rule))
    said = yange.run("check", status=MISUSED).err
    assert "notify[0].conflicts[0]" in said
    assert "'serial_gap'" in said
