"""A sandbox that is stopped ends what is at work, too."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.imaging import Refusal, Sandbox
from tests.service.imaging.asking import reason, works


def test_a_child_at_work_is_ended_when_the_sandbox_is_stopped_and_its_picture_refused() -> None:
    with Sandbox() as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        os.kill(child, signal.SIGSTOP)  # so that it cannot be done before
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(reason, sandbox)
            while sandbox.waiting:
                time.sleep(0.01)
            sandbox.stop()
            assert asked.result(timeout=30) is Refusal.CRASHED
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
        assert reason(sandbox) is Refusal.CRASHED


def test_a_stopped_sandbox_has_no_children_and_may_be_stopped_again() -> None:
    sandbox = Sandbox()
    assert works(sandbox)
    (child,) = sandbox.waiting
    sandbox.stop()
    sandbox.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert sandbox.waiting == ()
