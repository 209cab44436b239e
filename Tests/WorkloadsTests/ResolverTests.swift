import Events
import Foundation
import Testing

@testable import Workloads

/// A tree of directories to stand for the hierarchy: the resolver reads names and inode numbers, nothing else.
final class Node {
    let root: String
    var calls: [ExecID: ProcessWords] = [:]
    var warnings: [String] = []
    lazy var resolver = Resolver(
        hierarchy: Hierarchy(version: .v2, mountPoint: root + "/cgroup"), roots: .none,
        words: { [unowned self] in calls[$0] }, warn: { [unowned self] in warnings.append($0) })
    private var nextID: UInt64 = 1 << 40
    private var time = Resolver.clock()

    init(_ directories: [String] = []) throws {
        var template = Array("/tmp/workloads-XXXXXX".utf8CString)
        root = String(cString: mkdtemp(&template))
        for path in [""] + directories { try make("/cgroup" + path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: root + path, withIntermediateDirectories: true)
    }

    func write(_ path: String, _ text: String) throws {
        try make((path as NSString).deletingLastPathComponent)
        try text.write(toFile: root + path, atomically: true, encoding: .utf8)
    }

    func id(_ path: String) -> UInt64 { resolver.tree.ids.first { resolver.tree.path(of: $0) == path } ?? 0 }

    /// The kernel's news of a new cgroup.
    func made(_ path: String, by maker: Actor) -> UInt64 {
        nextID += 1
        time += 1000
        let parent = (path as NSString).deletingLastPathComponent
        resolver.change(
            CgroupChange(action: .made, time: time, id: nextID, parent: id(parent), path: path, actor: maker))
        return nextID
    }

    func exec(_ actor: Actor, _ arguments: [String] = [], flags: Exec.Flags = []) -> Event {
        time += 1000
        calls[actor.exec] = ProcessWords(executable: actor.executable.text, arguments: arguments)
        return Event(
            time: time, key: BehaviourKey(high: 0, low: actor.exec), actor: actor,
            act: .exec(Exec(filename: "", arguments: arguments, flags: flags)))
    }

    func open(_ actor: Actor) -> Event {
        time += 1000
        return Event(
            time: time, key: BehaviourKey(high: 0, low: 1), actor: actor,
            act: .open(Open(path: ResolvedPath("/etc/passwd"), access: .read)))
    }

    func who(_ event: Event) -> String {
        guard case .known(let workload) = resolver.attribute(event) else { return "waiting" }
        return workload.id
    }

    func origin(_ event: Event) -> String {
        guard case .known(let workload) = resolver.attribute(event) else { return "waiting" }
        return "\(workload.id) \(resolver.origin(of: event, in: workload))"
    }

    /// `crun run web`, in the root cgroup, from a bundle that asks for `cgroup`.
    func crun(_ container: String, cgroup: String, annotations: String = "{}", bundle: String? = nil) throws -> Actor {
        let bundle = bundle ?? "/bundle-\(container)"
        try write(
            bundle + "/config.json",
            #"{"annotations":\#(annotations),"linux":{"cgroupsPath":"\#(cgroup)"}}"#)
        let actor = Actor(
            process: ProcessName(pid: 4_000_100, start: 5), cgroup: id("/"), exec: ExecID(abs(container.hashValue) | 1),
            mountNamespace: 1, pidNamespace: 1, executable: ResolvedPath("/usr/bin/crun"),
            workingDirectory: ResolvedPath(root + bundle))
        calls[actor.exec] = ProcessWords(executable: "/usr/bin/crun", arguments: ["crun", "run", container])
        return actor
    }

    /// A container with its first program running.
    func container(_ name: String = "web", cgroup: String = "/web", bundle: String? = nil) throws -> (
        cgroup: UInt64, first: Actor, runtime: Actor
    ) {
        let runtime = try crun(name, cgroup: cgroup, bundle: bundle)
        let made = made(cgroup, by: runtime)
        var first = Actor(
            process: ProcessName(pid: 4_000_101, start: 6), parent: runtime.process, cgroup: made,
            parentCgroup: runtime.cgroup, execCgroup: made, exec: 11, parentExec: runtime.exec, mountNamespace: 77,
            pidNamespace: 78, parentMountNamespace: 1, parentPidNamespace: 1, executable: ResolvedPath("/bin/httpd"))
        first.uid = 0
        return (made, first, runtime)
    }
}

@Suite struct ResolverTests {
    @Test func aContainerIsKnownByWhoMadeItsCgroup() throws {
        let node = try Node()
        let (_, first, _) = try node.container()
        let event = node.exec(first, ["httpd"])
        #expect(node.origin(event) == "oci/web entrypoint")
        #expect(node.origin(event) == "oci/web entrypoint")
    }

    @Test func annotationsOfTheBundleNameIt() throws {
        let node = try Node()
        let runtime = try node.crun("web", cgroup: "/web", annotations: #"{"driftwatch.workload":"team/shop"}"#)
        let cgroup = node.made("/web", by: runtime)
        #expect(
            node.who(node.open(Actor(process: .none, cgroup: cgroup, executable: ResolvedPath("/x")))) == "team/shop")
    }

    /// A user's container stays under its own name, whatever it is labelled with.
    @Test(arguments: [
        ("user", "/user.slice/user-1000.slice/user@1000.service/web", "oci/web"),
        ("root's session", "/user.slice/user-0.slice/session-1.scope/web", "team/shop"),
    ])
    func aUserCannotNameItOtherwise(_ name: String, _ path: String, _ id: String) throws {
        for annotations in [
            #"{"driftwatch.workload":"team/shop"}"#,
            #"{"driftwatch.workload":"team/shop","io.kubernetes.pod.name":"x","io.kubernetes.pod.namespace":"team"}"#,
        ] {
            let node = try Node([(path as NSString).deletingLastPathComponent])
            let runtime = try node.crun("web", cgroup: path, annotations: annotations)
            let cgroup = node.made(path, by: runtime)
            #expect(node.who(node.open(Actor(process: .none, cgroup: cgroup, executable: ResolvedPath("/x")))) == id)
        }
    }

    @Test func whatIsAboveTheContainerIsNotIt() throws {
        let node = try Node()
        let runtime = try node.crun("web", cgroup: "/pods/web")
        let above = node.made("/pods", by: runtime)
        let own = node.made("/pods/web", by: runtime)
        #expect(
            node.who(node.open(Actor(process: .none, cgroup: above, executable: ResolvedPath("/x")))) == "cgroup/pods")
        #expect(node.who(node.open(Actor(process: .none, cgroup: own, executable: ResolvedPath("/x")))) == "oci/web")
    }

    @Test func whatAContainerMakesIsItsOwn() throws {
        let node = try Node()
        let (cgroup, first, _) = try node.container()
        _ = node.who(node.exec(first))
        // Called like a container, made by something called like a runtime.
        var inside = first
        inside.exec = 12
        inside.executable = ResolvedPath("/usr/bin/crun")
        node.calls[12] = ProcessWords(executable: "/usr/bin/crun", arguments: ["crun", "run", "other"])
        let nested = node.made("/web/other", by: inside)
        #expect(node.who(node.open(Actor(process: .none, cgroup: nested, executable: ResolvedPath("/x")))) == "oci/web")
        let deep = node.made("/web/other/system.slice/sshd.service", by: inside)
        #expect(node.resolver.tree.path(of: deep) != nil && node.id("/web") == cgroup)
    }

    @Test func aNameVouchesForNothing() throws {
        let id = String(repeating: "ab", count: 32)
        let node = try Node(["/docker/" + id])
        let event = node.open(Actor(process: .none, cgroup: node.id("/docker/" + id), executable: ResolvedPath("/x")))
        #expect(node.who(event) == "cgroup/docker/" + id)
    }

    @Test func aScopeWaitsForTheRuntimeAndThenIsAUnit() throws {
        let node = try Node(["/system.slice"])
        let systemd = Actor(
            process: ProcessName(pid: 1, start: 0), cgroup: node.id("/"),
            executable: ResolvedPath("/usr/lib/systemd/systemd"))
        let scope = node.made("/system.slice/crun-web.scope", by: systemd)
        let act = node.open(Actor(process: .none, cgroup: scope, executable: ResolvedPath("/x")))
        #expect(node.who(act) == "waiting")
        #expect(node.resolver.refresh().isEmpty)
        let late = Resolver.clock() + 6_000_000_000
        #expect(node.resolver.refresh(now: late) == [scope])
        #expect(node.who(act) == "unit/crun-web.scope")
    }

    @Test func aScopeIsVouchedForByTheParentOfItsFirstProgram() throws {
        let node = try Node(["/system.slice"])
        let systemd = Actor(
            process: ProcessName(pid: 1, start: 0), cgroup: node.id("/"),
            executable: ResolvedPath("/usr/lib/systemd/systemd"))
        let scope = node.made("/system.slice/crun-web.scope", by: systemd)
        let runtime = try node.crun("web", cgroup: "system.slice:crun:web")
        node.calls[runtime.exec]?.workingDirectory = runtime.workingDirectory.text
        let first = Actor(
            process: ProcessName(pid: 4_000_101, start: 6), parent: runtime.process, cgroup: scope,
            parentCgroup: runtime.cgroup, exec: 11, parentExec: runtime.exec, executable: ResolvedPath("/bin/x"))
        #expect(node.origin(node.exec(first)) == "oci/web entrypoint")
    }

    @Test func originsInAContainer() throws {
        let node = try Node()
        let (_, first, runtime) = try node.container()
        #expect(node.origin(node.exec(first, ["sh", "-c", "exec httpd"])) == "oci/web entrypoint")
        var again = first
        again.exec = 12
        #expect(node.origin(node.exec(again, ["httpd"])) == "oci/web child")
        var child = first
        child.process = ProcessName(pid: 4_000_102, start: 7)
        child.parent = first.process
        (child.exec, child.parentExec, child.parentCgroup) = (13, 12, first.cgroup)
        (child.parentMountNamespace, child.parentPidNamespace) = (77, 78)
        #expect(node.origin(node.exec(child, ["cgi"])) == "oci/web child")
        var session = first
        session.process = ProcessName(pid: 4_000_103, start: 8)
        session.exec = 14
        session.parent = runtime.process
        #expect(node.origin(node.exec(session, ["sh"])) == "oci/web injected")
        // A parent that runs in the container's cgroup, but executed outside: a runtime that came in to start a session.
        session.process = ProcessName(pid: 4_000_104, start: 9)
        (session.exec, session.parentExec, session.parentCgroup) = (15, 16, first.cgroup)
        #expect(node.origin(node.exec(session, ["sh"])) == "oci/web injected")
    }

    @Test func whoEntersTheMountNamespaceIsInTheContainer() throws {
        let node = try Node()
        let (_, first, _) = try node.container()
        _ = node.who(node.exec(first))
        var tool = Actor(
            process: ProcessName(pid: 4_000_200, start: 9), cgroup: node.id("/"), execCgroup: node.id("/"), exec: 20,
            mountNamespace: 77, pidNamespace: 1, flags: .foreignExecutable, executable: ResolvedPath("/usr/bin/nsenter")
        )
        // nsenter itself is still the host's program.
        #expect(node.who(node.open(tool)) == "host")
        tool.flags = []
        tool.executable = ResolvedPath("/bin/sh")
        (tool.exec, tool.parentExec, tool.parentCgroup, tool.parentMountNamespace) = (21, 20, node.id("/"), 77)
        #expect(node.origin(node.exec(tool, ["sh"])) == "oci/web injected")
        var child = tool
        child.process = ProcessName(pid: 4_000_201, start: 10)
        (child.exec, child.parentExec) = (22, 21)
        #expect(node.origin(node.exec(child, ["ls"])) == "oci/web child")
        #expect(node.who(node.open(child)) == "oci/web")
        // The number is free for others once the container is gone.
        node.resolver.change(
            CgroupChange(
                action: .removed, time: Resolver.clock(), id: first.cgroup, parent: node.id("/"), path: "/web",
                actor: tool))
        #expect(node.who(node.open(child)) == "host")
        #expect(node.who(node.open(first)) == "oci/web")
    }

    @Test func theRuntimesWorkInsideIsTheRuntimes() throws {
        let node = try Node()
        let (cgroup, first, runtime) = try node.container()
        // Cloned into the cgroup, not yet another program.
        let cloned = Actor(
            process: first.process, parent: runtime.process, cgroup: cgroup, parentCgroup: runtime.cgroup,
            execCgroup: runtime.cgroup, exec: runtime.exec, mountNamespace: 77, flags: [.moved, .foreignExecutable],
            executable: ResolvedPath("/usr/bin/crun"))
        #expect(node.who(node.open(cloned)) == "host")
        // runc's init: executed in the cgroup, in the mount namespace of its parent, from memory.
        var initial = cloned
        initial.flags = .foreignExecutable
        (initial.exec, initial.execCgroup) = (30, cgroup)
        (initial.parentExec, initial.mountNamespace, initial.parentMountNamespace) = (runtime.exec, 1, 1)
        initial.executable = ResolvedPath("memfd:runc_cloned:/proc/self/exe", flags: .detached)
        #expect(node.origin(node.exec(initial, ["runc", "init"], flags: .fileless)) == "host host")
        #expect(node.who(node.open(initial)) == "host")
        #expect(node.origin(node.exec(first, ["httpd"])) == "oci/web entrypoint")
        // A program in memory, started by one that is inside, is the container's.
        var hidden = first
        hidden.process = ProcessName(pid: 4_000_300, start: 20)
        (hidden.exec, hidden.parentExec, hidden.parentCgroup) = (31, 11, cgroup)
        (hidden.parentMountNamespace, hidden.parentPidNamespace) = (77, 78)
        hidden.executable = ResolvedPath("memfd:x", flags: .detached)
        hidden.flags = .foreignExecutable
        #expect(node.origin(node.exec(hidden, ["x"], flags: .fileless)) == "oci/web child")
        #expect(node.who(node.open(hidden)) == "oci/web")
    }

    @Test func rawCgroups() throws {
        let node = try Node(["/batch"])
        let host = Actor(
            process: ProcessName(pid: 9, start: 9), cgroup: node.id("/"), executable: ResolvedPath("/bin/sh"))
        let inside = Actor(
            process: ProcessName(pid: 8, start: 9), cgroup: node.id("/batch"), executable: ResolvedPath("/bin/sh"))
        let mine = node.made("/batch/mine", by: inside)
        let theirs = node.made("/batch/theirs", by: host)
        func who(_ cgroup: UInt64) -> String {
            node.who(node.open(Actor(process: .none, cgroup: cgroup, executable: ResolvedPath("/x"))))
        }
        #expect(who(mine) == "cgroup/batch")
        #expect(who(theirs) == "cgroup/batch/theirs")
        node.resolver.change(
            CgroupChange(
                action: .renamed, time: Resolver.clock(), id: theirs, parent: node.id("/batch"), path: "/batch/new",
                actor: host))
        #expect(who(theirs) == "cgroup/batch/new")
        node.resolver.change(
            CgroupChange(
                action: .removed, time: Resolver.clock(), id: theirs, parent: node.id("/batch"), path: "/batch/new",
                actor: host))
        #expect(who(theirs) == "cgroup/batch/new")
    }

    @Test func whatIsNeverExplainedGetsANumber() throws {
        let node = try Node()
        let act = node.open(Actor(process: .none, cgroup: 424242, executable: ResolvedPath("/x")))
        #expect(node.who(act) == "waiting")
        #expect(node.resolver.settle() == [424242])
        #expect(node.who(act) == "cgroup/#424242")
    }

    @Test func removedCgroupsAreRememberedForAWhile() throws {
        let node = try Node()
        let host = Actor(process: .none, cgroup: node.id("/"), executable: ResolvedPath("/bin/sh"))
        var ids: [UInt64] = []
        for index in 0...CgroupTree.removedCapacity {
            let id = node.made("/c\(index)", by: host)
            ids.append(id)
            node.resolver.change(
                CgroupChange(action: .removed, time: 0, id: id, parent: host.cgroup, path: "/c\(index)", actor: host))
        }
        #expect(node.resolver.tree.path(of: ids[0]) == nil)
        #expect(node.resolver.tree.path(of: ids[1]) == "/c1")
        #expect(node.resolver.tree.path(of: ids.last!) == "/c\(CgroupTree.removedCapacity)")
    }

    /// A thousand containers that come and go leave nothing behind.
    @Test func whatIsOverIsForgotten() throws {
        let node = try Node(["/old"])
        let resolver = node.resolver
        let host = Actor(process: .none, cgroup: node.id("/"), executable: ResolvedPath("/bin/sh"))
        _ = resolver.resolve(host.cgroup)
        func kept() -> [Int] {
            [
                resolver.tree.ids.count, resolver.owners.count, resolver.instances.count, resolver.vouched.count,
                resolver.makers.count, resolver.waiting.count, resolver.namespaces.count,
            ]
        }
        let before = kept()
        var ids: [UInt64] = []
        for index in 0..<1000 {
            let id = node.made("/c\(index)", by: host)
            let shell = Actor(
                process: ProcessName(pid: UInt32(index + 10), start: 1), cgroup: id, exec: UInt64(index + 1),
                executable: ResolvedPath("/bin/sh"))
            #expect(node.who(node.exec(shell)) == "cgroup/c\(index)")
            ids.append(id)
        }
        #expect(resolver.takeOwnership().filter(\.owns).map(\.cgroup) == ids)
        for (index, id) in ids.enumerated() {
            resolver.change(
                CgroupChange(action: .removed, time: 0, id: id, parent: host.cgroup, path: "/c\(index)", actor: host))
        }
        // Late acts still find their workload.
        #expect(resolver.workload(of: ids[0])?.id == "cgroup/c0")
        #expect(resolver.forgetRemoved().isEmpty)
        let ended = resolver.forgetRemoved(now: Resolver.clock() + CgroupTree.removedMemory + 1)
        #expect(ended.count == 1000 && Set(ended.map(\.id)).count == 1000)
        #expect(kept() == before)
        #expect(resolver.forgetRemoved(now: .max).isEmpty)
    }

    /// More than may be remembered: the oldest go at once, and are told as ended all the same.
    @Test func aHundredThousandCgroups() throws {
        let node = try Node()
        let resolver = node.resolver
        let host = Actor(process: .none, cgroup: node.id("/"), executable: ResolvedPath("/bin/sh"))
        for index in 0..<100_000 {
            let id = node.made("/c", by: host)
            if index % 10 == 0 { _ = resolver.resolve(id) }
            resolver.change(
                CgroupChange(action: .removed, time: 0, id: id, parent: host.cgroup, path: "/c", actor: host))
        }
        #expect(resolver.makers.count <= CgroupTree.removedCapacity)
        #expect(resolver.owners.count <= CgroupTree.removedCapacity)
        #expect(resolver.forgetRemoved(now: .max).count == 10_000)
        #expect(resolver.makers.isEmpty)
    }

    /// Anyone may call a program crun, and say where its state lies.
    @Test(arguments: [(0 as UInt32, true), (1000, false)])
    func placesAreLearnedFromRootAlone(uid: UInt32, isLearned: Bool) throws {
        let node = try Node()
        let actor = Actor(
            process: ProcessName(pid: 4_000_600, start: 5), cgroup: node.id("/"), exec: 41, uid: uid,
            executable: ResolvedPath("/home/u/crun"))
        _ = node.who(node.exec(actor, ["crun", "--root", "/home/u/state", "list"]))
        #expect(node.resolver.state.context.roots.crun.contains("/home/u/state") == isLearned)
    }

    @Test func brokenStateIsOneWarning() throws {
        let node = try Node()
        for (name, text) in [("a", "{"), ("b", String(repeating: "[", count: 100_000))] {
            try node.write("/crun/\(name)/status", text)
        }
        try node.write("/crun/c/status", String(repeating: " ", count: Files.limit + 1))
        var roots = RuntimeRoots.none
        roots.crun = [node.root + "/crun"]
        var warnings: [String] = []
        let state = RuntimeState(roots: roots, warn: { warnings.append($0) })
        for _ in 0..<3 { #expect(state.claims().isEmpty) }
        #expect(warnings.count == 3)
    }
}
