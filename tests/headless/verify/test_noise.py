"""What differs between two runs of the same code, and what does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tuinb.headless.verify.noise import Noise, described, without_ids

CLOCK = "from time import perf_counter"
TIMEIT = "2.1 µs ± 3 ns per loop (mean ± std. dev. of 7 runs, 1,000,000 loops each)"


def passed(before: str, after: str, code: str = "", run: tuple[float, float] | None = None) -> str | None:
    """Returns what is passed over, or None if the texts differ."""
    one, other, counts = Noise(code, run).settle(before, after)
    return described(counts) if one == other else None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("<f at 0x7f0012345678>", "<f at 0x7fabcdef0123>", "1 address"),
        ("<bound method A.f of <A object at 0x10a2b3c4d>>", "<bound method A.f of <A object at 0x10a2b3c4e>>", "1 address"),
        ("&lt;function f at 0x7f0012345678&gt;", "&lt;function f at 0x7f0012345679&gt;", "1 address"),
        ("...x7fa48fbfb600&gt;", "...x7fb48fbfb600&gt;", "1 address"),
        ("...0x7fa48fbfb600>", "...x7fb48fbfb600>", "1 address"),
        ("[<A at 0x7f0012345678>, <A at 0x7f0012345679>]", "[<A at 0x7e0012345678>, <A at 0x7e0012345679>]", "2 addresses"),
        ("Generator(PCG64) at 0x7FE154156C00", "Generator(PCG64) at 0x7FE154156C01", "1 address"),
        ("{'mean_fit_time': array([0.0968, 0.129]),", "{'mean_fit_time': array([0.0969, 0.129]),", "1 time"),
        ("{'fit_time': np.float64(0.0968), 'x': 1.5}", "{'fit_time': np.float64(1e-05), 'x': 1.5}", "1 time"),
        ("{&#x27;me...me&#x27;: array([0.1..., 0.129])", "{&#x27;me...me&#x27;: array([0.2..., 0.129])", "1 time"),
        ("<A at 0x7f0012345678>\nWall time: 1 s", "<A at 0x7f0012345678>\nWall time: 2 s", "1 time"),
        (
            "CPU times: user 2 ms, sys: 0 ns, total: 2 ms\nWall time: 2.1 ms",
            "CPU times: user 1 s, sys: 3 µs, total: 1 s\nWall time: 2min 2s",
            "2 times",
        ),
        (TIMEIT, TIMEIT.replace("1,000,000", "100,000").replace("2.1 µs", "950 ns"), "1 time"),
        (f"<TimeitResult : {TIMEIT}>", f"<TimeitResult : {TIMEIT.replace('3 ns', '1 ms')}>", "1 time"),
        ("1000 loops, best of 3: 1.2 ms per loop", TIMEIT, "1 time"),
        (f"The slowest run took 7.1 times longer than the fastest. This could mean that…\n{TIMEIT}", TIMEIT, ""),
        (f"Compiler : 115 ms\n{TIMEIT}", TIMEIT, ""),
        ("peak memory: 80.12 MiB, increment: 0.02 MiB", "peak memory: 81.00 MiB, increment: -0.5 MiB", "2 sizes of memory"),
        ("2024-01-02 10:11:12,345 - root - INFO - x", "2026-11-29 01:00:00,001 - root - INFO - x", "1 time"),
        ("[I 2024-01-02 10:11:12,345] A new study", "[I 2026-11-29 01:00:00,001] A new study", "1 time"),
        ("INFO 10:11:12 x", "INFO 10:11:13 x", "1 time"),
        ("24/01/02 10:11:12 WARN Utils: x", "26/11/29 10:11:12 WARN Utils: x", "1 time"),
        ("2024-01-02 10:11:12.123456: I tensorflow/a.cc:3] x", "2024-01-02 10:11:13.123456: I tensorflow/a.cc:3] x", "1 time"),
        ("E1129 17:33:01.123456  4503 a.cc:3] x", "E1130 17:33:01.123456  4504 a.cc:3] x", "1 time"),
        ("10%|# | 1/10 [00:01<00:09,  1.5it/s]", "10%|# | 1/10 [00:00<?, ?it/s]", "1 time"),
        ("10it [00:00, 4000.12it/s]", "10it [00:00, 4999.12it/s]", "1 time"),
        ("100%|##| 5/5 [00:01<00:00, 1.5s/it, loss=1]", "100%|##| 5/5 [00:02<00:00, 2.5s/it, loss=1]", "1 time"),
        ("60/60 [====] - 3s 2ms/step - loss: 0.5", "60/60 [====] - 4s 10us/step - loss: 0.5", "1 time"),
        ("60/60 ━━━━ 3s 2ms/step - loss: 0.5", "60/60 ━━━━ 1m4s 1ms/step - loss: 0.5", "1 time"),
        ("[Parallel(n_jobs=1)]: elapsed:    0.1s finished", "[Parallel(n_jobs=1)]: elapsed:    0.2s finished", "1 time"),
        ("[CV] END C=1; total time=   0.0s", "[CV] END C=1; total time=   0.1s", "1 time"),
        ("/tmp/tmpab12cd_4/x.png", "/tmp/tmpxy12cd_4/x.png", "1 path"),
        ("/tmp/ipykernel_12/3456.py:3: UserWarning: x", "/tmp/ipykernel_98/7.py:3: UserWarning: x", "1 path"),
        ("/a/lib/python3.11/site-packages/m.py:7: W", "/b/c/site-packages/m.py:7: W", "1 path"),
        ("/usr/lib/python3.11/json/x.py", "/opt/lib/python3.12/json/x.py", "1 path"),
        ("Cell In[3], line 2", "Cell In[14], line 2", "1 execution count"),
        ("\x1b[31mred\x1b[0m", "red", ""),
        ("{'b', 'a'}", "{'a', 'b'}", "1 order of a set"),
        ("x {1: {'b', \"a'\"}, 2: set({(1, 2), 3})}", "x {1: {\"a'\", 'b'}, 2: set({3, (1, 2)})}", "1 order of a set"),
        ("{<A at 0x7f0012345678>, 1}", "{1, <A at 0x7f0012345679>}", "1 order of a set"),
        ("a\0b <A at 0x7f0012345678>", "ab <A at 0x7f0012345679>", "1 address"),
    ],
)  # fmt: skip
def test_passed_over(before: str, after: str, expected: str) -> None:
    assert passed(before, after) == expected
    assert passed(f"a\n{before}\nb", f"a\n{after}\nb") == expected


@pytest.mark.parametrize(
    ("code", "before", "after", "expected"),
    [
        (CLOCK, "took 1.23 s", "took 456 ms", "1 time"),
        (CLOCK, "f: 0.0123 seconds", "f: 1.23e-05 seconds", "1 time"),
        (CLOCK, "Elapsed: 0.123", "Elapsed: 3.4", "1 time"),
        (CLOCK, "took 0:00:01.123456", "took 0:00:02.123456", "1 time"),
        ("print(id(x))", "140123456789012", "140123456789999", "1 address"),
        ("hash('a')", "-1234567890123456789", "8234567890123456789", "1 id"),
        ("import uuid", "6fa459ea-ee8a-3ca4-894e-db77e160355e", "16fd2706-8baf-433b-82eb-8c7fada847da", "1 id"),
    ],
)
def test_passed_over_if_the_code_asks_for_it(code: str, before: str, after: str, expected: str) -> None:
    assert passed(before, after, code) == expected
    assert passed(before, after, "x = 1") is None


@pytest.mark.parametrize(
    ("before", "after"), [("0.140123456789012", "0.140123456789013"), ("12345678901234.5", "12345678901235.5")]
)
def test_fractions_are_no_addresses(before: str, after: str) -> None:
    assert passed(before, after, "id(x) hash(x)") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("height: 7 m", "height: 5 m"),
        ("3 h", "4 h"),
        ("99 s", "98 s"),
        ("3 us", "4 us"),
        ("8 GB", "4 GB"),
        ("300 bytes", "301 bytes"),
        ("Freq: 2h", "Freq: 3h"),
        ("5 min walk", "6 min walk"),
        ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427f"),
        ("0x12345", "0x12346"),
        ("jump at 0x401000", "jump at 0x401004"),
        ("<p>3 bytes at 12</p>", "<p>4 bytes at 12</p>"),
        ("10:11:12", "10:11:13"),
        ("2024-01-01 10:00:00    1", "2019-07-03 20:00:00    1"),
        ("DatetimeIndex(['2024-01-01 10:00:00']", "DatetimeIndex(['2024-01-02 10:00:00']"),
        ("2016-03-31 23:59:59.999999999", "2016-03-31 23:59:59.999999"),
        ("Timedelta('1 days 02:00:00')", "Timedelta('1 days 03:00:00')"),
        ("datetime.datetime(2024, 1, 2, 3, 4)", "datetime.datetime(2024, 1, 2, 3, 5)"),
        ("1234567890.123", "1234567891.123"),
        ("1795290334", "1795290335"),
        ("/tmp/a1/x.png saved", "/tmp/b2/y.png saved"),
        ("1,000,000 loops", "2,000,000 loops"),
        ("memory usage: 1.2+ KB", "memory usage: 900.0 bytes"),
        ("took 1.23 s", "took 2.34 s"),
        ("{'fit_time': np.float64(0.0968), 'x': 1.5}", "{'fit_time': np.float64(0.0968), 'x': 2.5}"),
        ("100%|##| 5/5 [00:01<00:00, 1.5s/it, loss=1]", "100%|##| 5/5 [00:02<00:00, 2.5s/it, loss=2]"),
        ("60/60 [====] - 3s 2ms/step - loss: 0.5", "60/60 [====] - 4s 10us/step - loss: 0.6"),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
        ("{'a', 'b'}", "{'a', 'c'}"),
        ("{'a', 'b'", "{'b', 'a'"),
        ("['a', 'b']", "['b', 'a']"),
        ("<f at 0x7f0012345678> 1", "<f at 0x7f0012345679> 2"),
        ("6fa459ea-ee8a-3ca4-894e-db77e160355e", "16fd2706-8baf-433b-82eb-8c7fada847da"),
    ],
)
def test_not_passed_over(before: str, after: str) -> None:
    assert passed(before, after, "import math", (time.time() - 5, time.time())) is None


RUN = datetime(2026, 11, 29, 17, 33, 1, 500_000, tzinfo=UTC)
START = RUN.timestamp()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("at 2024-01-02 10:11:12.345", "at 2026-11-29 17:33:02.000"),
        ("at 2024-01-02T10:11:12Z", "at 2026-11-29T17:33:02Z"),
        ("2024-01-02", "2026-11-29"),
        ("Sat Nov 21 14:30:24 2020", "Sun Nov 29 18:33:02 2026"),
        ("Sat, 21 Nov 2020 14:30:24 GMT", "Sun, 29 Nov 2026 17:33:02 GMT"),
        ("[datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)]", "[datetime.datetime(2026, 11, 29, 17, 33, 2, 1)]"),
        ("datetime.date(2024, 1, 2)", "datetime.date(2026, 11, 29)"),
        ("1595290334.1166017", str(START + 1)),
        ("1595290334", str(int(START + 1))),
        ("1595290334000", str(int(START * 1000))),
        ("10:11:12", "17:33:02"),
    ],
)
def test_the_time_of_the_run_is_passed_over(before: str, after: str) -> None:
    assert passed(before, after, run=(START, START + 10)) == "1 time"
    later = (RUN + timedelta(days=9, hours=5)).timestamp()
    assert passed(before, after, run=(later, later + 10)) is None
    assert passed(before, after) is None


def test_a_date_that_is_none() -> None:
    assert passed("2024-01-02", "2026-99-29", run=(START, START)) is None


def test_lines_that_are_moved_or_more() -> None:
    one, other = "<A at 0x7f0012345678>", "<A at 0x7f0012345679>"
    before, after, counts = Noise().settle(f"new\n{one}\nx", f"{other}\nx\nmore")
    assert (before, after, described(counts)) == ("new\n<A at <address>>\nx", "<A at <address>>\nx\nmore", "1 address")


def test_many_values_in_a_line() -> None:
    before, after = (", ".join(f"<A at 0x7{digit}{number:07x}>" for number in range(6500)) for digit in "ab")
    assert passed(before, after) is None
    assert passed(before[:60_000], after[:60_000]) == f"{before[:60_000].count('at 0x')} addresses"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<img id="_anim_imga2b3c4d5e6f70819a2b3c4d5e6f70819"/> anima2b3c4d5e6f70819a2b3c4d5e6f70819 = new A()',
         '<img id="_anim_img00b3c4d5e6f70819a2b3c4d5e6f70800"/> anim00b3c4d5e6f70819a2b3c4d5e6f70800 = new A()'),
        ('<style>#T_1a2b3_row0</style><table id="T_1a2b3"><td id="T_1a2b3_row0">',
         '<style>#T_abcde_row0</style><table id="T_abcde"><td id="T_abcde_row0">'),
        ('<div id="sk-container-id-1"></div> #sk-container-id-1 {', '<div id="sk-container-id-7"></div> #sk-container-id-7 {'),
        ("refit_time_: float<br>\n<td>float</td>\n<td>0.05</td>", "refit_time_: float<br>\n<td>float</td>\n<td>1.5e-05</td>"),
        ("Bokeh.embed('16fd2706-8baf-433b-82eb-8c7fada847da')", "Bokeh.embed('26fd2706-8baf-433b-82eb-8c7fada847da')"),
    ],
)  # fmt: skip
def test_random_ids_of_html(before: str, after: str) -> None:
    (one, olds), (other, news) = without_ids(before), without_ids(after)
    assert one == other
    assert len(olds) == len(news) > 0


def test_other_ids_of_html() -> None:
    assert without_ids('<td id="alice">') == ('<td id="alice">', [])
    assert without_ids("<td>d41d8cd98f00b204e9800998ecf8427e") == ("<td>d41d8cd98f00b204e9800998ecf8427e", [])
