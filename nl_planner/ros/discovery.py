"""Being found: a message that is published before its reader is known is lost."""

from __future__ import annotations

import time

from rclpy.publisher import Publisher


def wait_to_be_heard(publisher: Publisher, seconds: float) -> None:
    """Until somebody subscribes to the publisher's topic, so many seconds at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not publisher.get_subscription_count():
        time.sleep(0.05)
