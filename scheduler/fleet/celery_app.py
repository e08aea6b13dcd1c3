"""Celery, as the fleet uses it: one kind of task, whose message names an order."""

from __future__ import annotations

from celery import Celery
from kombu.connection import Connection

from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.ticket import Ticket

TASK = "yange.carry_out"
_RESTORE_SECONDS = 5


def celery_app(settings: FleetSettings) -> Celery:
    """The application by which daemons publish and workers take orders.

    A message is acknowledged when its order has been seen to, and offered again a while after it
    was taken: early rather than late, since whoever gets it too early finds the hosts leased.
    """
    app = Celery("yange", broker=settings.broker, set_as_current=False)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "global_keyprefix": f"{settings.queue}:",
            "visibility_timeout": settings.redelivery_seconds,
            "unacked_restore_interval": min(_RESTORE_SECONDS, settings.redelivery_seconds / 4),
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        },
        accept_content=["json"],
        task_serializer="json",
        enable_utc=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        # Its lease tells a crawl when to end; a broken connection need not cost an hour's work.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        # Nobody is to make a worker do anything but carry out orders.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_proc_alive_timeout=60,
    )
    return app


def publish(app: Celery, ticket: Ticket, connection: Connection) -> None:
    """Publish an order. Raises OperationalError where the broker cannot be reached."""
    app.send_task(
        TASK,
        args=[ticket.to_message()],
        queue=ticket.queue,
        task_id=ticket.order,
        connection=connection,
        ignore_result=True,
        retry=False,
    )
