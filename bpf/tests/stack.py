#!/usr/bin/env python3
"""stack.py OBJDUMP OBJECT LIMIT: what the deepest chain of calls takes of the stack, as the verifier adds it up. Fails
beyond LIMIT bytes. A kernel grants 512 bytes and 8 frames (MAX_BPF_STACK, MAX_CALL_FRAMES in kernel/bpf/verifier.c), and
counts each frame in steps of 32."""
import functools
import re
import subprocess
import sys

GRANTED, FRAMES, STEP = 512, 8, 32
objdump, target, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
text = subprocess.run([objdump, "-d", "-r", target], check=True, capture_output=True, text=True).stdout

# Of functions: where each starts (section and instruction), what it uses of its frame, and whom it calls: a name, or
# such a place.
starts, used, calls = {}, {}, {}
for line in text.splitlines():
    if found := re.match(r"Disassembly of section (.*):$", line):
        section = found[1]
    elif found := re.match(r"([0-9a-f]+) <(\w+)>:$", line):
        function, of_frame = found[2], set()
        starts[section, int(found[1], 16) // 8] = function
        used[function], calls[function] = 1, []
    # A call whose source is BPF_PSEUDO_CALL; others are of helpers.
    elif found := re.match(r"\s*(\d+):\s+85 10 .*\scall (\S+)$", line):
        addend = int(found[2], 0) + 1
        calls[function].append((section, int(found[1]) + addend))
    elif found := re.match(r"\s*[0-9a-f]+:\s+R_BPF_64_32\s+(\S+)$", line):
        calls[function][-1] = (".text", addend) if found[1] == ".text" else found[1]
    elif found := re.search(r"\(r10 - (\w+)\)", line):
        used[function] = max(used[function], int(found[1], 0))
    elif found := re.search(r"\t(r\d) = r10$", line):
        of_frame.add(found[1])
    elif (found := re.search(r"\t(r\d) \+= -(\w+)$", line)) and found[1] in of_frame:
        used[function] = max(used[function], int(found[2], 0))
        of_frame.remove(found[1])


@functools.cache
def deepest(function):
    """The most bytes that a call of it takes, the most frames, and the way to the bytes."""
    called = [starts.get(call, call) for call in calls[function]]
    below = [deepest(name) for name in called if name in calls]
    size = -(-used[function] // STEP) * STEP
    most, _, way = max(below, default=(0, 0, ()))
    return size + most, 1 + max((frames for _, frames, _ in below), default=0), (f"{function} {size}", *way)


most, _, way = max(map(deepest, calls))
frames = max(deepest(function)[1] for function in calls)
print(f"stack: {most} of {GRANTED} bytes in {len(way)} frames:", ", ".join(way))
if most > limit or frames > FRAMES:
    sys.exit(f"stack: {most} bytes of at most {limit}, or {frames} frames of at most {FRAMES}")
