"""What a search reads and prints, without Ray."""

from backtime_scale.sweep import as_table, flags_of


def test_flags_of_a_trial():
    assert flags_of({"units": 8, "bidirectional": True, "missing": False, "learning-rate": 0.5}) == ["--units", "8", "--bidirectional", "--learning-rate", "0.5"]


def test_the_table_has_the_flags_that_differ():
    rows = [
        {"trial": "a1", "best": 0.51234, "epochs": 4, "ended": "finished", "flags": {"task": "classify-text", "units": 16, "learning-rate": 0.0123456}},
        {"trial": "b2", "best": 0.7, "epochs": 2, "ended": "stopped early", "flags": {"task": "classify-text", "units": 8, "learning-rate": 0.001}},
    ]
    assert as_table(rows).splitlines() == [
        "best valLoss  epochs  ended          units  learning-rate  trial",
        "0.5123        4       finished       16     0.01235        a1",
        "0.7000        2       stopped early  8      0.001          b2",
    ]
