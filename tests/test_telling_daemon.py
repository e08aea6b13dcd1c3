"""The daemon tells: of what its crawls find, and once more of what it was telling when it died."""

import signal

import psutil
import pytest
from support.site import Record, Town
from support.targets import Mailbox, Telling, Webhook
from support.yange import Yange
from test_daemon_crawls import daemon

NOTICE = Record(title="关于供水价格的通知", number="/2025-00001")
REPEALED = NOTICE.but(validity="废止")
AMENDED = REPEALED.but(body=("一、每立方米三元。",))


@pytest.fixture
def town():
    with Town(timetable={"sweep": "every 2s"}) as running:
        running.publish(NOTICE, "/gk/1/index.html")
        yield running


def test_a_daemon_tells_by_mail_and_webhook_what_its_crawls_find(town, tmp_path):
    with Webhook() as webhook, Mailbox() as mailbox:
        rule = {"name": "all", "to": [webhook.url(), mailbox.url()]}
        yange = Yange(tmp_path, Telling(town, rule, feeds={"folder": "feeds"}))
        with daemon(yange) as running:
            running.heard("crawl_done")
            town.publish(REPEALED, "/gk/1/index.html")
            _, message = webhook.arrived()
            assert "有效性：有效 → 废止" in message["message"]
            running.heard("notification_sent")
            running.heard("notification_sent")
            # The crawl that found it has written the feeds as well.
            assert "有效 → 废止" in (tmp_path / "feeds" / "feed.atom").read_text(encoding="utf-8")
            # Told to stop, it does not wait for a service that does not answer.
            webhook.held.clear()
            town.publish(AMENDED, "/gk/1/index.html")
            webhook.arrived()
            children = psutil.Process(running.process.pid).children()
            assert running.stopped() == 0
            psutil.wait_procs(children)
        webhook.held.set()
        assert "sent" in yange.run("notify", "--send").out
        assert "there is nothing to tell" in yange.run("notify", "--send").out
        assert ["有效 → 废止" in mail["subject"] for _, mail in mailbox.mails] == [True, False]
        # That one had not said that it took the message, so it got it again.
        assert [post["message"].count("三元") for post in webhook.taken()] == [0, 1, 1]


def test_killed_between_sending_and_noting_it_sends_that_message_once_more(town, tmp_path):
    """And no other one twice, and none is lost; while a service does not answer, crawls go on."""
    with Webhook() as webhook:
        yange = Yange(tmp_path, Telling(town, {"name": "all", "to": webhook.url()}))
        with daemon(yange) as running:
            running.heard("crawl_done")
            webhook.held.clear()
            town.publish(REPEALED, "/gk/1/index.html")
            webhook.arrived()
            running.heard("crawl_done")
            [sender] = [
                child
                for child in psutil.Process(running.process.pid).children()
                if "--send" in child.cmdline()
            ]
            sender.kill()
            assert running.stopped(signal.SIGKILL) == -signal.SIGKILL
        webhook.held.set()
        [before] = yange.read("notify")[0]["targets"]
        assert (before["sent"], before["waiting"]["attempts"]) == (0, 0)
        with daemon(yange) as running:
            _, again = webhook.arrived()
            running.heard("notification_sent")
            town.publish(AMENDED, "/gk/1/index.html")
            _, new = webhook.arrived()
            running.heard("notification_sent")
            assert running.stopped() == 0
    assert webhook.posts[0][1] == again
    assert "有效 → 废止" in again["message"]
    assert "三元" in new["message"]
    assert len(webhook.posts) == 3
    [after] = yange.read("notify")[0]["targets"]
    assert (after["sent"], after["waiting"]) == (2, None)
