import Events
import Foundation

/// Whose an act is.
package enum Attribution: Sendable, Equatable {
    case known(Workload)
    /// Ask again once `Resolver.refresh` names this cgroup.
    case waiting(for: UInt64)
}

/// Says whose each act is. Confined to one thread.
///
/// A container is one because a runtime vouches for it: by the state that it wrote, or because the kernel saw it make
/// the cgroup or start its first program. A cgroup's name vouches for nothing. What is below a container's cgroup is the
/// container's, whoever made it.
package final class Resolver {
    package let tree: CgroupTree
    var state: RuntimeState
    let words: (ExecID) -> ProcessWords?
    let warn: (String) -> Void
    /// Asked about containers in the background; nil: what the runtimes have written down has to do.
    package var engines: (any Engines)? { didSet { tellSockets() } }
    let users = UserNames()
    let digester = Digester()

    /// Instances by the id of their topmost cgroup.
    var instances: [UInt64: Instance] = [:]
    /// The answer for a cgroup, once it was asked for.
    var owners: [UInt64: Instance] = [:]
    /// Cgroups that a runtime vouched for.
    var vouched: [UInt64: Instance] = [:]
    /// Who made a cgroup, as far as it was seen.
    var makers: [UInt64: Maker] = [:]
    /// Cgroups that became, or are no more, the topmost of a workload, until somebody asks.
    private var ownership: [(cgroup: UInt64, owns: Bool)] = []
    /// Instances that are over, until somebody asks.
    private var ended: [Workload] = []
    /// Since when a cgroup's identity is waited for, nanoseconds since boot.
    var waiting: [UInt64: UInt64] = [:]
    /// Containers by the inode number of their mount namespace.
    var namespaces: [UInt32: Instance] = [:]
    /// What the cluster has said.
    var pods = PodList()
    /// Where a program was executed.
    var homes = Homes()
    /// The first program executed in or below a cgroup, as this process can open it.
    var firstPrograms = Recent<UInt64, String>()
    /// The last exec of a process.
    var execs = NotedExecs()
    var now: UInt64 = 0
    /// When the monitor began to look, nanoseconds since boot.
    let started = Resolver.clock()
    private var nextScan: UInt64 = 0
    private var lastTreeRead: UInt64 = 0

    /// How long an identity may be waited for; then the name and path of the cgroup have to do.
    package static let deadline: UInt64 = 1_000_000_000
    /// Hashing the largest executable takes longer than a runtime takes to write its state.
    static let digestDeadline: UInt64 = 5_000_000_000
    /// State files are looked at again at most ten times a second.
    private static let scanInterval: UInt64 = 100_000_000
    private static let treeInterval: UInt64 = 250_000_000

    /// `words` tells how a program was called; `warn` takes one line per trouble, each once. Of containers' environments
    /// only the words of `environment` are kept.
    package convenience init(
        hierarchy: Hierarchy, environment: Set<String> = [], words: @escaping (ExecID) -> ProcessWords?,
        warn: @escaping (String) -> Void
    ) {
        self.init(hierarchy: hierarchy, roots: RuntimeRoots(), environment: environment, words: words, warn: warn)
    }

    init(
        hierarchy: Hierarchy, roots: RuntimeRoots, environment: Set<String> = [],
        words: @escaping (ExecID) -> ProcessWords?, warn: @escaping (String) -> Void
    ) {
        tree = CgroupTree(hierarchy)
        state = RuntimeState(roots: roots, environment: environment, warn: warn)
        self.words = words
        self.warn = warn
        now = Self.clock()
        // The first look for a user's name loads the libraries of the name service, which takes milliseconds.
        _ = users.name(0)
        believeState()
        // Only after the usual places have told which processes are in containers: those are not believed.
        let learned = state.learnRoots { pid in
            guard let path = hierarchy.cgroup(ofProcess: pid) else { return false }
            return !vouched.values.contains { path == $0.path || path.hasPrefix($0.path + "/") }
        }
        if learned {
            // Now that it is known where to look, more may be known of those that were found at first.
            vouched.removeAll()
            namespaces.removeAll()
            believeState()
        }
        nextScan = now + Self.scanInterval
    }

    /// Whose act it is. An exec must be given in the order of the ring, since later acts are judged by it.
    package func attribute(_ event: Event) -> Attribution {
        let actor = event.actor
        now = max(now, event.time)
        if case .exec = event.act {
            if mayBecomeContainer(actor.cgroup) { vouch(byParentOf: event) }
            if owners[actor.cgroup] == nil { noteFirst(actor) }
        }
        guard let owner = resolve(actor.cgroup) else { return wait(actor.cgroup) }

        if owner.isContainer {
            if case .of(let runtime) = setup(event, in: owner) {
                if case .exec = event.act { note(exec: event, in: runtime) }
                return .known(runtime.workload)
            }
        } else if let entered = entered(actor) {
            if case .exec = event.act { note(exec: event, in: entered) }
            return .known(entered.workload)
        }
        if case .exec = event.act {
            note(exec: event, in: owner)
            if !owner.isContainer { noteEngine(actor) }
        }
        return .known(owner.workload)
    }

    /// A unit is known by its first program: by the time that somebody looks into /proc, another one may run.
    private func noteFirst(_ actor: Actor) {
        for cgroup in tree.lineage(of: actor.cgroup).dropLast() where firstPrograms[cgroup] == nil {
            let path = actor.executable.text
            guard tree.node(cgroup)?.old == false, !RuntimeCall.isNameless(path) else { continue }
            let isHere = actor.mountNamespace == Namespace.ownMount
            firstPrograms.set(cgroup, isHere ? path : "/proc/\(actor.process.pid)/root" + path)
        }
    }

    private func mayBecomeContainer(_ cgroup: UInt64) -> Bool {
        guard let owner = owners[cgroup] else { return true }
        return owner.workload.kind == .cgroup || owner.workload.kind == .unit && owner.path.hasSuffix(".scope")
    }

    /// Follows the tree.
    package func change(_ change: CgroupChange) {
        now = max(now, change.time)
        tree.change(change)
        switch change.action {
        case .made:
            forget(change.id)
            let maker = Maker(change)
            makers[change.id] = maker
            vouch(byMaker: maker, of: change.id)
        case .removed:
            if let gone = vouched[change.id] {
                // The number of a namespace is given away again.
                for (number, instance) in namespaces where instance === gone { namespaces[number] = nil }
            }
            // Many at once do not wait for the clock.
            ended = forgetRemoved(now: 0)
        case .renamed:
            // What was called after its path is called anew; a container stays what it is.
            for id in tree.subtree(of: change.id) where vouched[id] == nil && owners[id]?.isContainer != true {
                owners[id] = nil
                instances[id] = nil
            }
        }
    }

    /// Looks again for what is waited for. Returns the cgroups whose acts can now be attributed.
    package func refresh(now: UInt64 = Resolver.clock()) -> [UInt64] {
        self.now = max(self.now, now)
        hear()
        guard !waiting.isEmpty else { return [] }
        if waiting.keys.contains(where: { tree.node($0) == nil }), now >= lastTreeRead + Self.treeInterval {
            lastTreeRead = now
            tree.read()
        }
        for id in waiting.keys {
            for cgroup in tree.lineage(of: id) where vouched[cgroup] == nil {
                if let maker = makers[cgroup] { vouch(byMaker: maker, of: cgroup) }
            }
        }
        if waiting.keys.contains(where: { !isWaitingForDigest($0) }), now >= nextScan {
            let began = Self.clock()
            believeState()
            // However full the directories are, most of the time is left for judging.
            nextScan = now + max(Self.scanInterval, 4 * (Self.clock() - began))
        }
        var known: [UInt64] = []
        for (id, since) in waiting {
            if resolve(id) != nil {
                known.append(id)
            } else if now >= since + Self.deadline, settle(id, since: since) {
                known.append(id)
            }
        }
        for id in known { waiting[id] = nil }
        return known
    }

    /// Ends every wait with the best identity at hand; returns the cgroups that were waited for.
    package func settle() -> [UInt64] {
        let cgroups = Array(waiting.keys)
        for cgroup in cgroups { settle(cgroup) }
        return cgroups
    }

    /// Whether acts of the cgroup can be attributed without waiting for news of it.
    package func knows(cgroup: UInt64) -> Bool { owners[cgroup] != nil }

    /// The topmost cgroup of the instance that a cgroup belongs to, as far as it was asked for.
    package func home(of cgroup: UInt64) -> UInt64? { owners[cgroup]?.cgroup }

    /// The topmost cgroup of the instance that acted in a cgroup: mostly that cgroup's owner. A runtime at work in a
    /// container's cgroup, or one that came in from outside, acts for another; then the cgroup is not its own.
    package func home(of workload: Workload, actingIn cgroup: UInt64) -> (cgroup: UInt64, isOwn: Bool)? {
        if let owner = owners[cgroup], owner.workload.instance == workload.instance { return (owner.cgroup, true) }
        func isActor(_ instance: Instance) -> Bool { instance.workload.instance == workload.instance }
        let other = namespaces.values.first(where: isActor) ?? instances.values.first(where: isActor)
        return other.map { ($0.cgroup, false) }
    }

    /// Whether an instance ran before the monitor did; `home` is its topmost cgroup.
    package func isPreExisting(home: UInt64) -> Bool { tree.node(home)?.old == true }

    /// Whose the cgroup is, as far as it was asked for.
    package func workload(of cgroup: UInt64) -> Workload? { owners[cgroup]?.workload }

    /// The cgroups that became, or are no more, the topmost of a workload since the last call, in that order. The
    /// hierarchy's root is never one: it holds those of all others.
    package func takeOwnership() -> [(cgroup: UInt64, owns: Bool)] {
        guard !ownership.isEmpty else { return [] }
        defer { ownership = [] }
        return ownership
    }

    /// All below the cgroup is of one workload from now on.
    func own(_ instance: Instance) {
        guard instance.workload.kind != .host else { return }
        for id in tree.subtree(of: instance.cgroup).dropFirst() where instances[id] != nil || vouched[id] != nil {
            ownership.append((id, false))
        }
        ownership.append((instance.cgroup, true))
    }

    /// Whose the cgroup is, also where nobody asked yet; nil while that is not settled.
    package func identify(_ cgroup: UInt64) -> Workload? {
        now = max(now, Self.clock())
        return resolve(cgroup)?.workload
    }

    /// Stops waiting for a cgroup: what is known now has to do.
    func settle(_ cgroup: UInt64) {
        if resolve(cgroup) == nil, !settle(cgroup, since: 0) { owners[cgroup]?.giveUpDigest() }
        waiting[cgroup] = nil
    }

    private func wait(_ cgroup: UInt64) -> Attribution {
        if waiting[cgroup] == nil { waiting[cgroup] = max(now, Self.clock()) }
        return .waiting(for: cgroup)
    }

    /// The instance that a cgroup belongs to; nil while it is not known.
    func resolve(_ cgroup: UInt64) -> Instance? {
        if let owner = owners[cgroup] { return owner.isSettled(self) ? owner : nil }
        let lineage = tree.lineage(of: cgroup)
        guard !lineage.isEmpty else { return nil }
        // From the top: the outermost container owns all below it.
        if let container = lineage.reversed().lazy.compactMap({ self.vouched[$0] }).first {
            owners[cgroup] = container
            return container
        }
        guard lineage.last.flatMap({ tree.node($0)?.parent }) == 0, !lineage.contains(where: isUndecided) else {
            return nil
        }
        let owner = plain(lineage)
        owners[cgroup] = owner
        return owner.isSettled(self) ? owner : nil
    }

    /// A runtime is behind this cgroup, or seems to be, and has not yet said which container it is for.
    private func isUndecided(_ cgroup: UInt64) -> Bool {
        guard let node = tree.node(cgroup), !node.old else { return false }
        if let maker = makers[cgroup], maker.isUndecided { return true }
        guard let name = node.path.split(separator: "/").last else { return false }
        return SystemdUnit.containerID(scope: name) != nil
    }

    /// Names a cgroup that no runtime vouches for.
    func plain(_ lineage: [UInt64]) -> Instance {
        let cgroup = lineage[0]
        let path = tree.path(of: cgroup) ?? "/"
        var top = cgroup
        if let unit = SystemdUnit(path: path) {
            let above = path.split(separator: "/").count - unit.depth
            if above < lineage.count { top = lineage[above] }
        } else if path != "/", let outer = outerMaker(lineage) {
            return outer
        }
        if let known = instances[top] { return known }
        let topPath = tree.path(of: top) ?? path
        var workload = Identity.workload(path: topPath, cgroup: top, userName: users.name)
        if let maker = makers[top] { workload.started = Self.epoch(maker.time) }
        let instance = Instance(cgroup: top, path: topPath, workload: workload)
        instance.hasRun = tree.node(top)?.old == true
        instances[top] = instance
        own(instance)
        return instance
    }

    /// A workload that makes a cgroup below its own stays the workload. The host's are cgroups of their own.
    private func outerMaker(_ lineage: [UInt64]) -> Instance? {
        guard let maker = makers[lineage[0]], lineage.dropFirst().contains(maker.cgroup),
            let outer = resolve(maker.cgroup), outer.workload.kind != .host,
            lineage.contains(outer.cgroup)
        else { return nil }
        return outer
    }

    /// Time is up: the best that is known has to do. False while a digest is still being computed.
    private func settle(_ cgroup: UInt64, since: UInt64) -> Bool {
        if let owner = owners[cgroup] {
            guard now >= since + Self.digestDeadline else { return false }
            owner.giveUpDigest()
            return true
        }
        let lineage = tree.lineage(of: cgroup)
        if lineage.isEmpty {
            let workload = Workload(id: "cgroup/#\(cgroup)", kind: .cgroup, instance: String(cgroup))
            owners[cgroup] = Instance(cgroup: cgroup, path: "", workload: workload)
            return true
        }
        for id in lineage.reversed() {
            guard let maker = makers[id], let call = maker.call, believes(maker),
                claims(call, maker, id) != false
            else { continue }
            let facts = state.context.leastFacts(id: call.id, bundle: call.bundle, tool: call.tool, name: call.name)
            owners[cgroup] = vouch(facts, for: id, confidence: .kernel)
            return true
        }
        let owner = plain(lineage)
        owners[cgroup] = owner
        return owner.isSettled(self)
    }

    private func isWaitingForDigest(_ cgroup: UInt64) -> Bool { owners[cgroup] != nil }

    /// A cgroup's id is free for another one only after the old one's last news.
    private func forget(_ cgroup: UInt64) {
        owners[cgroup] = nil
        instances[cgroup] = nil
        vouched[cgroup] = nil
        makers[cgroup] = nil
        firstPrograms.remove(cgroup)
    }

    /// Lets go of cgroups that were removed a while ago, so that what is kept is what runs; returns the workloads whose
    /// instances ended thereby since the last call.
    package func forgetRemoved(now: UInt64 = Resolver.clock()) -> [Workload] {
        for id in tree.forgetRemoved(now: now) {
            if let instance = vouched[id] ?? instances[id], instance.cgroup == id { ended.append(instance.workload) }
            forget(id)
        }
        defer { ended = [] }
        return ended
    }
}
