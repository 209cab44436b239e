import Events
import Foundation
import Probes
import Workloads

func warn(_ s: String) { FileHandle.standardError.write(Data((s + "\n").utf8)) }
setvbuf(stdout, nil, _IOLBF, 0)
let args = CommandLine.arguments
let hierarchy = try Hierarchy.current()
if args.contains("all") {
    let r = Resolver(hierarchy: hierarchy, words: { _ in nil }, warn: warn)
    for x in r.all() { print(x.workload.id, x.workload.kind, x.workload.instance.prefix(12), x.workload.digest ?? "-", x.cgroups, x.processes, x.workload.container?.image?.reference ?? "", x.workload.labels.count) }
    exit(0)
}
let seconds = args.compactMap { Double($0) }.first ?? 5
let wide = args.contains("opens")
let probe = try Probe()
var table = ProcessTable()
for p in ProcessSnapshot.take(hierarchy) {
    _ = table.record(p.exec, key: nil, p.words)
    try? probe.seed(SeededProcess(pid: p.pid, start: p.start, exec: p.exec, cgroup: 0))
}
let t0 = Resolver.clock()
let resolver = Resolver(hierarchy: hierarchy, words: { table.words(of: $0) }, warn: warn)
warn("ready \(hierarchy) start \(Double(Resolver.clock() - t0) / 1e6) ms")
var decoder = EventDecoder()
var held: [UInt64: [Event]] = [:]
var waitedMost = 0.0
var spent: UInt64 = 0, acts = 0
func show(_ e: Event) {
    let a0 = Resolver.clock()
    let attribution = resolver.attribute(e)
    spent += Resolver.clock() - a0; acts += 1
    switch attribution {
    case .waiting(let id): held[id, default: []].append(e)
    case .known(let w):
        if case .exec(let x) = e.act {
            print("EXEC", w.id, resolver.origin(of: e, in: w), e.actor.executable.text, x.arguments, "<", e.actor.parentExecutable.text, "cg", e.actor.cgroup, e.actor.parentCgroup, "mnt", e.actor.mountNamespace, e.actor.parentMountNamespace, "fl", e.actor.flags.rawValue, x.flags.rawValue, w.digest?.prefix(14) ?? "")
        } else if wide, case .open(let o) = e.act {
            print("OPEN", w.id, e.actor.executable.text, o.path.text, "cg", e.actor.cgroup, e.actor.execCgroup, "fl", e.actor.flags.rawValue)
        }
    }
}
func take(_ b: RawSpan) {
    guard let r = try? decoder.decode(b) else { warn("undecodable"); return }
    switch r {
    case .cgroup(let c):
        let a0 = Resolver.clock()
        resolver.change(c)
        print("CGROUP", c.action, c.id, c.path, c.actor.executable.text, "in", c.actor.cgroup, "took", Double(Resolver.clock() - a0) / 1e6)
    case .exit: break
    case .behaviour(let e):
        _ = table.record(e)
        if held[e.actor.cgroup] != nil { held[e.actor.cgroup]!.append(e) } else { show(e) }
    }
}
let end = Resolver.clock() + UInt64(seconds * 1e9)
while Resolver.clock() < end {
    var p = [pollfd(fd: probe.control.fileDescriptor, events: 1, revents: 0), pollfd(fd: probe.opens.fileDescriptor, events: 1, revents: 0)]
    poll(&p, 2, 20)
    _ = try probe.control.consume { take($0); return .continue }
    _ = try probe.opens.consume(max: 10000) { take($0); return .continue }
    for id in resolver.refresh() {
        let list = held.removeValue(forKey: id) ?? []
        if let f = list.first { let w = Double(Resolver.clock() - f.time) / 1e6; print("RELEASE", id, list.count, "after", w, "ms"); waitedMost = max(waitedMost, w) }
        for e in list { show(e) }
    }
}
warn("acts \(acts) mean attribute \(Double(spent) / Double(max(1, acts))) ns, waited most \(waitedMost) ms, still held \(held.count)")
