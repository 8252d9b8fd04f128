"""Real speech for the tests, by espeak-ng where it is installed."""

import shutil

import numpy as np
import pytest

from nl_planner.speech import RATE
from nl_planner.speech.espeak_voice import EspeakVoice


def said(text, *, pad=0.6):
    """The text as espeak-ng says it, at RATE, with silence around it."""
    if not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed (apt-get install espeak-ng)")
    sound, rate = EspeakVoice(["-s", "140"]).say(text, "en")
    times = np.arange(0, len(sound) / rate, 1 / RATE)
    sound = np.interp(times, np.arange(len(sound)) / rate, sound).astype(np.float32)
    quiet = np.zeros(int(pad * RATE), np.float32)
    rng = np.random.default_rng(1)
    whole = np.concatenate([quiet, 0.5 * sound / np.abs(sound).max(), quiet, quiet])
    return (whole + 1e-4 * rng.standard_normal(len(whole))).astype(np.float32)
