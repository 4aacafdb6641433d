"""More zones for gen_rotation, by build.py --private: programs that cross their changes of the
clock.  With this module gen_rotation takes its random cases from all of these zones, too."""
HOUR = 3600
CHANGES = [   # seven hours before the clock is changed
    ("Europe/London", (2024, 3, 30, 18), (2024, 10, 26, 18)),
    ("Australia/Lord_Howe", (2024, 4, 6, 8), (2024, 10, 5, 8)),     # by half an hour
    ("America/Sao_Paulo", (2018, 2, 17, 19), (2018, 11, 3, 20)),    # at midnight
    ("Pacific/Auckland", (2024, 4, 6, 7), (2024, 9, 28, 7)),
]
SCHEDULES = [("midnight", {}), ("midnight", {"atTime": [2, 30, 0]}), ("midnight", {"atTime": [1, 45, 0]}), ("midnight", {"interval": 2}), ("H", {}), ("D", {}), ("W6", {}), ("W5", {"atTime": [2, 0, 0]})]


def size_cases(gen):
    return gen["curated_size"]()


def timed_cases(gen):
    out = gen["curated_timed"]()
    for tz, *starts in CHANGES:
        for start in starts:
            start = gen["ts"](*start)
            for when, kw in SCHEDULES:
                steps = [gen["timed_open"](start, when=when, **kw)]
                steps += [gen["at"](start + k * HOUR + 120, "m%d" % k) for k in range(0, 75, 1 if when == "H" else 3)]
                out.append({"kind": "timed", "label": "change in %s, when=%s %s" % (tz, when, gen["canon"](kw)), "tz": tz, "initial": [], "steps": steps, "tags": ["dst"]})
    return out
