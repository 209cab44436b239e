"""Results as tables."""
import os

MARK = "<!-- written by make bench -->"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def markdown(results):
    calls = results["calls_ns"]
    base = calls["nothing"]
    kinds = [kind for kind in base if kind != "lost"]

    def cell(name, kind):
        took = calls[name][kind]
        return f"{took:,.0f}" if name == "nothing" else f"{took:,.0f} ({took / base[kind]:.2f}x)"

    machine = results["machine"]
    parts = [
        f"Linux {machine['kernel']}, {machine['cpus']} processors. Nanoseconds per known call as wall time: the median of "
        "the lowest tenth of 10 ms slices over interleaved rounds; in brackets against nothing attached.",
        table(["watched by", *kinds, "lost"],
              [[name, *[cell(name, kind) for kind in kinds], calls[name].get("lost", "")] for name in calls]),
    ]
    if results["kernel_ns"]:
        parts += [
            "Kernel-accounted BPF time per known call (`kernel.bpf_stats_enabled`, which itself adds about 40 ns a run):",
            table(["call", "ns", "programs"],
                  [[kind, found["ns_per_call"], ", ".join(
                      f"{name} {part['ns_per_run']} ns x {part['runs_per_call']}"
                      for name, part in sorted(found["programs"].items()))]
                   for kind, found in results["kernel_ns"].items()]),
        ]
    parts += [
        "At full speed, one processor for 3 s:",
        table(["", "calls", "seen", "emitted", "over quota", "lost"],
              [[name, *[found[key] for key in ("calls", "seen", "emitted", "over_quota", "lost")]]
               for name, found in results["full_speed"].items()]),
    ]
    sizes = results["matching"]
    many, latency = results["many_baselines"], results["latency_ms"]
    parts.append(table(["", ""], [
        ["act to line, median (p99)", f"{latency['median']} ms ({latency['p99']} ms)" if latency else "not measured"],
        ["start to hooks attached", f"{results['attach_s']} s"],
        [f"resident with {many['baselines']} baselines of {many['entries']} entries", f"{many['resident_mib']} MiB, {many['own_mib']} MiB without what is mapped from files"],
        ["the same, start to hooks attached", f"{many['attach_s']} s"],
        ["the same, start to judging by them", f"{many['judging_s']} s"],
        ["the same, idle", f"{many['idle_percent']} % of a processor"],
        ["the same, processor time per new record, kernel to verdict and store", f"{many['us_per_record']} us"],
        [f"`check` of one known act, its line read, by a baseline of {', '.join(f'{int(size):,}' for size in sizes)} entries",
         ", ".join(f"{found['us_per_act']}" for found in sizes.values()) + " us"],
    ]))
    return "\n\n".join(parts)


def write(path, text):
    """Replaces the section that earlier runs wrote; what people wrote above it stays."""
    kept = "# Benchmarks\n\nHow to repeat them: `make bench`.\n\n"
    if os.path.exists(path):
        with open(path) as file:
            kept = file.read().split(MARK)[0]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(f"{kept}{MARK}\n{text}\n")
