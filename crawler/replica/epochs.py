"""The replica's course of events: named epochs in order, each a list of edits on the one before.

`published` is how the portal begins. `quiet` is the day after, when only what is no part of any
document moves. `amended` is a busy day. `redesigned` is the same portal in another dress.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Literal

from crawler.replica.documents import FIRST_EPOCH, Attachment, Location, documents
from crawler.replica.edits import (
    AppearAt,
    Attach,
    Edit,
    Line,
    Move,
    Publish,
    Recell,
    Refile,
    Remove,
    Restate,
    Rewrite,
    State,
    StayAway,
    Told,
)


@dataclass(frozen=True, slots=True)
class Epoch:
    """A time in the replica's life: from `begins` on its pages wear `design`, after `edits`."""

    name: str
    begins: datetime
    edits: tuple[Edit, ...]
    design: Literal["easysite", "renewed"] = "easysite"


_AMENDMENTS: tuple[Edit, ...] = (
    Restate("lift-rules", "validity_label", "有效", "废止"),
    Restate("lift-rules", "repealed_on", None, "2025-06-12"),
    Restate("vendor-rules", "validity_label", "有效", "失效"),
    Rewrite(
        "talent-housing",
        (
            Line(
                "第六条 本办法自2024年9月1日起施行，有效期5年。",
                "第六条 本办法自2024年9月1日起施行，有效期3年。",
            ),
        ),
    ),
    Rewrite(
        "parking-draft",
        (
            Line("道路临时泊位夜间二十二时至次日七时免费停放。", None),
            Line(
                None,
                "医院、学校周边应当设置不超过十五分钟的限时免费泊位。",
                below="配建车位应当全部预留充电设施安装条件。",
            ),
        ),
    ),
    Recell(
        "price-2025-21",
        "牛肉\t剔骨\t62.00\t62.00\t0.0%",
        "牛肉\t剔骨\t62.60\t62.00\t1.0%",
    ),
    Restate(
        "bus-draft",
        "title",
        "城区公交线网优化方案公开征求意见",
        "关于公开征求《城区公交线网优化方案（征求意见稿）》意见的公告",
    ),
    Restate("green-mine", "category", "五大任务", "绿色发展"),
    Restate("machinery-subsidy", "document_number", None, "砚农牧字〔2025〕44号"),
    Restate("mediation-rules", "index_number", "/2024-00519", "1115990001150073XY/2024-00519"),
    Refile(
        "recruit",
        "附件1：岗位表.csv",
        (
            "单位,岗位,人数,学历",
            "市中心血站,检验,3,本科以上",
            "市图书馆,古籍整理,1,硕士以上",
            "石泉县农技站,植保,3,大专以上",
        ),
        at="2025-06-12 09:41:30",
    ),
    Attach(
        "geology",
        Attachment(
            "附件：隐患点防灾责任人名单.csv",
            "20250612103015226.csv",
            ("隐患点,类型,责任人", "石泉县黑山口,泥石流,段某", "望沙区二号井,地面塌陷,康某军"),
            replaced_at="2025-06-12 10:30:15",
        ),
    ),
    Publish("flood-drill"),
    Publish("library-hours"),
    Move("statistics", "2402395"),
    Remove("coupons"),
    Rewrite(
        "ecology-plan",
        (
            Line(
                "到2027年，全市完成沙化土地治理四十二万亩，草原综合植被盖度提高到百分之三十一，"
                "流动沙丘面积减少三分之一。",
                "到2027年，全市完成沙化土地治理四十五万亩，草原综合植被盖度提高到百分之三十二，"
                "流动沙丘面积减少三分之一。",
            ),
        ),
    ),
    AppearAt("brucellosis", Location("gfxwj", "2402391")),
    Publish("sunflower-subsidy", number_of="spring-plough"),
)

EPOCHS = (
    Epoch(
        FIRST_EPOCH,
        datetime.fromisoformat("2025-06-10T21:30:00+08:00"),
        tuple(Publish(key) for key, each in documents().items() if each.epoch == FIRST_EPOCH),
    ),
    Epoch("quiet", datetime.fromisoformat("2025-06-11T21:30:00+08:00"), ()),
    Epoch("amended", datetime.fromisoformat("2025-06-12T21:30:00+08:00"), _AMENDMENTS),
    Epoch(
        "redesigned",
        datetime.fromisoformat("2025-07-01T06:00:00+08:00"),
        (StayAway("coupons"),),
        design="renewed",
    ),
)


def epoch_named(name: str) -> Epoch:
    """The epoch of this name; ValueError if there is none."""
    for epoch in EPOCHS:
        if epoch.name == name:
            return epoch
    raise ValueError(f"no epoch {name!r}; there are {', '.join(e.name for e in EPOCHS)}")


@cache
def state_at(epoch: Epoch) -> State:
    """What the portal publishes in an epoch: every edit up to and including its own."""
    state = State()
    for each in (*takewhile(lambda other: other is not epoch, EPOCHS), epoch):
        for edit in each.edits:
            state = edit.apply(state)
    return state


def told_in(epoch: Epoch) -> Iterator[Told]:
    """What is to be reported of an epoch by one who watched the portal until the one before."""
    state = state_at(epoch)
    for edit in epoch.edits:
        yield from edit.told(state)
