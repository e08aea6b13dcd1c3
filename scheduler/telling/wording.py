"""The words of messages about runs, and of what holds a message together, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archive.telling.wording import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWording:
    """What one language says. `{…}` in a phrase is filled in by whoever uses it."""

    several_portals: str
    documents: str
    and_more: str
    kinds_counted: str
    kind_count: str
    rest: str
    rest_in_room: str
    cut: str
    brief: str
    modes: Mapping[str, str]
    outcomes: Mapping[str, str]
    run_subject: str
    run_recovered_subject: str
    runs_subject: str
    run_facts: str
    figures: str
    problems: str
    more_problems: str
    recovered: str
    again: str
    quiet: str
    what_to_do: str
    advice: Mapping[str, str]
    run_page: str
    test_subject: str
    test_text: str
    digest: str
    conflicts: Mapping[str, str]
    conflicts_subject: str
    conflicts_rest: str
    endings: Mapping[str, str]
    last_day: str
    endings_subject: str
    endings_rest: str
    endings_in_room: str


CHINESE = MessageWording(
    several_portals="{count} 个网站",
    documents="{documents} 份文件有 {changes} 处变动",
    and_more="等 {changes} 处变动",
    kinds_counted="共 {changes} 处变动：{kinds}。",
    kind_count="{kind} {count}",
    rest="其余 {count} 份文件未列出，可用命令查看：{command}",
    rest_in_room="在阅览室查看全部变动",
    cut="（消息过长，以下从略）",
    brief="完整的消息多次被服务方拒收，这里只报数目。",
    modes={"discover": "查新", "recheck": "复查", "sweep": "全面核对"},
    outcomes={
        "failed": "失败",
        "incomplete": "未全部完成",
        "interrupted": "中断",
        "missed": "错过",
        "problems": "有问题",
        "finished": "完成",
    },
    run_subject="{portal}：{mode}{outcome}",
    run_recovered_subject="{portal}：{mode}恢复正常",
    runs_subject="{count} 项采集任务异常",
    run_facts="第 {id} 次采集，{job}，{start} 开始，{end} 结束",
    figures="页面 {pages}，新文件 {created}，有变动 {changed}，无变动 {unchanged}，"
    "已撤下 {withdrawn}，被拦截或可疑 {blocked}，未取得 {failed}",
    problems="问题：",
    more_problems="另有 {count} 个问题，可用命令查看：{command}",
    recovered="此前连续 {runs} 次未能正常结束。",
    again="比上次通知的情况更严重（连续第 {runs} 次）。",
    quiet="恢复正常之前，同样的情况不再逐次通知。",
    what_to_do="处理：",
    advice={
        "archive_failed": "档案库写不进去。请检查磁盘空间与文件权限，再运行 yange status；"
        "已记录的内容没有丢失。",
        "mostly_blocked": "网站拒绝了几乎全部请求，程序会自动停一小时或更久再试。若持续一天以上，"
        "请用 yange captures --run {id} 查看收到的页面，并考虑加大 politeness.delay。",
        "window_closed": "采集时段已到，其余部分留到下次优先进行。若每次如此，"
        "请放宽 politeness.window 或减少 recheck.limit。",
        "failed": "请用 yange log --run {id} 查看日志，排除原因后，"
        "用 yange crawl {portal} 再采一次。",
        "incomplete": "未取得的页面下次会再试。请用 yange captures --run {id} 查看；"
        "若被判为可疑的页面确是文件，用 yange accept 编号 收入。",
        "interrupted": "采集进程提前结束，已取得的内容都已保存，下次从中断处继续。"
        "若非人为停止，请查看 yange log --run {id} 与系统日志。",
        "missed": "到点时程序没有运行。请确认服务已启动并随系统自动启动；错过的采集会补做一次。",
        "problems": "请逐条核对上面的问题；栏目忽然为空，多因网站改版。",
    },
    run_page="在阅览室查看这次采集",
    test_subject="测试消息（{rule}）",
    test_text="这是规则“{rule}”的测试消息。收到即说明通知可以送达；档案库没有发生任何变动。",
    digest="{day} 汇总",
    conflicts={
        "past_repealed_on": "废止日期已过，仍显示为有效",
        "past_own_term": "有效期已满，仍显示为有效",
        "repealed_by_another": "已被其他文件废止，仍显示为有效",
        "ended_too_early": "尚未到期，已显示为废止或失效",
        "collision": "不同文件使用同一索引号",
        "divergence": "同一文件的两处内容不一致",
        "serial_gap": "索引号不连续",
    },
    conflicts_subject="{count} 处前后矛盾",
    conflicts_rest="全部矛盾可用命令查看：yange conflicts",
    endings={
        "own_term": "有效期届满",
        "repealed_on": "门户所示废止日期",
        "repealed_by_another": "由其他文件废止",
    },
    last_day="最后有效日 {day}，{reason}",
    endings_subject="{count} 项即将到期",
    endings_rest="共 {count} 项即将到期，可用命令查看：yange calendar",
    endings_in_room="在阅览室查看全部到期事项",
)

ENGLISH = MessageWording(
    several_portals="{count} portals",
    documents="{changes} changes of {documents} documents",
    and_more="{changes} changes in all",
    kinds_counted="{changes} changes in all: {kinds}.",
    kind_count="{kind} {count}",
    rest="{count} further documents are not listed; see them with: {command}",
    rest_in_room="all changes in the reading room",
    cut="(too long for this service; the rest is left out)",
    brief="The service refused the whole message several times; this one only counts.",
    modes={"discover": "discover", "recheck": "recheck", "sweep": "sweep"},
    outcomes={
        "failed": "failed",
        "incomplete": "incomplete",
        "interrupted": "interrupted",
        "missed": "missed",
        "problems": "has problems",
        "finished": "finished",
    },
    run_subject="{portal}: {mode} {outcome}",
    run_recovered_subject="{portal}: {mode} is well again",
    runs_subject="{count} jobs are in trouble",
    run_facts="run {id}, {job}, from {start} to {end}",
    figures="pages {pages}, new {created}, changed {changed}, unchanged {unchanged}, "
    "withdrawn {withdrawn}, blocked or suspect {blocked}, failed {failed}",
    problems="Problems:",
    more_problems="{count} further problems; see them with: {command}",
    recovered="Before that, {runs} runs in a row did not end well.",
    again="This is graver than what was told before (run {runs} in a row).",
    quiet="Until it is well again, the same is not told of every run.",
    what_to_do="What to do: ",
    advice={
        "archive_failed": "The archive could not be written. Look at the disk's space and at the"
        " file's permissions, then run yange status; what was recorded is not lost.",
        "mostly_blocked": "The portal refused nearly every request. It is left alone for an hour or"
        " longer and then tried again. If that goes on for more than a day, see with"
        " yange captures --run {id} what came, and consider a greater politeness.delay.",
        "window_closed": "The portal's window closed; the rest comes first next time. If that is so"
        " every time, widen politeness.window or lower recheck.limit.",
        "failed": "Read yange log --run {id}, mend what it names, and crawl again with"
        " yange crawl {portal}.",
        "incomplete": "What could not be had is asked for again next time. See it with"
        " yange captures --run {id}; where a suspect page was the document after all, take it with"
        " yange accept NUMBER.",
        "interrupted": "The crawl's process ended early. What it had is kept, and the next run goes"
        " on from there. If nobody stopped it, read yange log --run {id} and the system's log.",
        "missed": "The daemon was not running when this was due. See that the service runs and"
        " starts with the machine; what was missed is caught up once.",
        "problems": "Go through the problems above; a column that is suddenly empty mostly means"
        " that the portal was redesigned.",
    },
    run_page="this run in the reading room",
    test_subject="test message ({rule})",
    test_text="This is a test message of the rule {rule}. That you read it shows that messages"
    " arrive; nothing has happened in the archive.",
    digest="digest of {day}",
    conflicts={
        "past_repealed_on": "shown as in force although its date of repeal has passed",
        "past_own_term": "shown as in force although its own term has run out",
        "repealed_by_another": "shown as in force although another document repealed it",
        "ended_too_early": "shown as ended although its end lies ahead",
        "collision": "two documents go by this index number",
        "divergence": "two copies of it disagree",
        "serial_gap": "index numbers are missing in this series",
    },
    conflicts_subject="{count} things that do not fit together",
    conflicts_rest="To see all of them: yange conflicts",
    endings={
        "own_term": "its own term runs out",
        "repealed_on": "the portal's date of repeal",
        "repealed_by_another": "another document repeals it",
    },
    last_day="last day {day}: {reason}",
    endings_subject="ends ahead: {count}",
    endings_rest="Ends ahead, {count} of them; see them with: yange calendar",
    endings_in_room="all ends ahead in the reading room",
)

MESSAGE_WORDINGS: Mapping[Language, MessageWording] = {"zh": CHINESE, "en": ENGLISH}
