"""Files of every kind, made with PyAV itself; and broken ones."""

import struct

import numpy as np
import pytest

from nl_planner.errors import SoundError
from nl_planner.speech import RATE, read_sound
from nl_planner.speech.sound_file import BLOCK, write_wav

av = pytest.importorskip("av")

SECONDS = 1.5


def tone(rate, seconds=SECONDS):
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)


def write(path, codec, rate, layout):
    """A tone in every channel."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        channels = stream.codec_context.layout.nb_channels
        sound = np.repeat(tone(rate), channels)[None].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(sound, format="flt", layout=layout)
        frame.sample_rate = rate
        kind = stream.codec_context.format.name
        convert = av.AudioResampler(
            format=kind, layout=layout, rate=rate, frame_size=stream.codec_context.frame_size
        )
        frames = [*convert.resample(frame), *convert.resample(None)]
        for one in [*frames, None]:
            for packet in stream.encode(one):
                container.mux(packet)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.wav", "pcm_s16le", 44100, "stereo"),
        ("eight.wav", "pcm_s16le", 48000, "7.1"),
        ("slow.wav", "pcm_s16le", 8000, "mono"),
        ("a.flac", "flac", 96000, "mono"),
        ("a.mp3", "libmp3lame", 44100, "stereo"),
        ("a.ogg", "libopus", 48000, "mono"),
    ],
)
def test_every_kind_is_read_as_one_channel_at_our_rate(tmp_path, name, codec, rate, layout):
    write(tmp_path / name, codec, rate, layout)
    sound = np.concatenate(list(read_sound(tmp_path / name)))
    assert len(sound) == pytest.approx(SECONDS * RATE, abs=0.1 * RATE)
    middle = sound[len(sound) // 4 : -len(sound) // 4]
    peak = np.argmax(np.abs(np.fft.rfft(middle))) * RATE / len(middle)
    assert peak == pytest.approx(440, abs=5)
    assert np.max(np.abs(middle)) == pytest.approx(0.5, abs=0.05)


def test_long_files_come_in_blocks(tmp_path):
    write_wav(tmp_path / "long.wav", np.tile(tone(RATE, 5).astype(np.float32), 9))
    blocks = [len(block) for block in read_sound(tmp_path / "long.wav")]
    assert sum(blocks) == 45 * RATE
    assert max(blocks) < 1.2 * BLOCK


def header_only(path):
    write_wav(path, np.zeros(0, np.float32))


def no_rate(path):
    write_wav(path, tone(RATE).astype(np.float32))
    broken = bytearray(path.read_bytes())
    broken[24:28] = struct.pack("<I", 0)
    path.write_bytes(broken)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "no such file"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("sweep the plaza"), "not a sound file"),
        (header_only, "no sound"),
        (no_rate, "not a sound file"),
    ],
)
def test_what_is_no_sound_says_so_and_what_to_give(tmp_path, make, words):
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(SoundError, match=words) as error:
        list(read_sound(path))
    assert str(path) in str(error.value)
    assert "wav, flac, mp3 or ogg" in str(error.value)
