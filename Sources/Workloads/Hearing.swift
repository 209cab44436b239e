import Events
import Foundation

/// What engines answer: believed only where a cgroup or a process ties it to a container.
extension Resolver {
    /// Takes in what was answered since the last time.
    package func hear() {
        guard let news = engines?.take(), !news.isEmpty else { return }
        var known: [String: Instance] = [:]
        for instance in vouched.values where instance.isContainer { known[instance.workload.instance] = instance }
        var ids: [String: UInt64] = [:]
        for news in news {
            switch news {
            case .runs(let report):
                if let instance = known[report.facts.id] {
                    guard agrees(report, instance) else { continue }
                    tellCut(report.facts)
                    instance.learn(report.facts)
                } else if let id = cgroup(of: report, &ids), vouched[id] == nil {
                    vouch(
                        Claim(facts: report.facts, cgroupPath: report.cgroupPath, pid: report.pid, startTicks: nil),
                        for: id)
                    known[report.facts.id] = vouched[id]
                }
            case .ended(let id, let time, let user):
                if let instance = known[id], isOwn(instance.path, user) { instance.workload.ended = time }
            case .pods(let list):
                pods = list
                for instance in vouched.values { tellOfPod(instance) }
            }
        }
    }

    /// Adds what the cluster has said of an instance's pod; false where there should be something and is not yet.
    @discardableResult
    func tellOfPod(_ instance: Instance) -> Bool {
        guard let facts = instance.facts, let own = KubernetesPod(facts), let uid = own.uid else { return true }
        guard let pod = pods.pod(uid: uid, namespace: own.namespace, name: own.name) else { return false }
        instance.learn(instance.workload.confidence) { $0.pod = pod }
        return true
    }

    /// A report that names a process is about the container that this is in. One that names none that runs has nothing but
    /// the id: then it must be the engine's that made the container.
    private func agrees(_ report: EngineReport, _ instance: Instance) -> Bool {
        guard isOwn(instance.path, report.user) else { return false }
        guard let pid = report.pid, let path = tree.hierarchy.cgroup(ofProcess: pid) else {
            return instance.facts?.isOfEngine(report.facts.runtime) == true
        }
        return path == instance.path || path.hasPrefix(instance.path + "/")
    }

    private func cgroup(of report: EngineReport, _ ids: inout [String: UInt64]) -> UInt64? {
        let claim = Claim(
            facts: report.facts, cgroupPath: report.cgroupPath, pid: report.pid, user: report.user)
        guard let path = cgroup(of: claim) else { return nil }
        // Engines call the cgroup after the container, whose id they have made up: whatever process and path are named,
        // nothing else can be meant.
        guard ContainerFacts.isMadeUp(id: report.facts.id),
            path.split(separator: "/").last?.contains(report.facts.id) == true
        else { return nil }
        return find(path, &ids)
    }

    /// When the runtime says that the instance with this topmost cgroup ended, nanoseconds since the epoch.
    package func saidEnd(of home: UInt64) -> Int64? { vouched[home]?.workload.ended }

    /// The engine of a user knows nothing of what others run, and what it writes down proves nothing about that.
    func isOwn(_ path: String, _ user: UInt32) -> Bool {
        user == 0 || path.contains("/user-\(user).slice/")
    }

    /// An engine that starts, now or later, says with its words where it listens.
    func noteEngine(_ actor: Actor) {
        guard engines != nil, actor.uid == 0, RuntimeCall.tool(executable: actor.executable.text) == .engine,
            let called = words(actor.exec)
        else { return }
        state.context.roots.learnSockets(called)
        tellSockets()
    }

    func tellSockets() {
        guard let engines else { return }
        for socket in state.context.roots.sockets { engines.know(socket) }
    }
}

extension Instance {
    /// Adds what an engine knows; what is known already stays, so that a baseline keeps its key.
    func learn(_ news: ContainerFacts) {
        learn(.runtime) { facts in
            facts.name = facts.name ?? news.name
            facts.image = facts.image ?? news.image
            if facts.digests.isEmpty { facts.digests = news.digests }
            for digest in news.digests where !facts.digests.contains(digest) { facts.digests.append(digest) }
            facts.labels.merge(news.labels) { known, _ in known }
            facts.annotations.merge(news.annotations) { known, _ in known }
            facts.environment.formUnion(news.environment)
            facts.podLabels.merge(news.podLabels) { known, _ in known }
            facts.podDirectory = facts.podDirectory ?? news.podDirectory
            facts.started = facts.started ?? news.started
        }
    }

    func learn(_ confidence: Workload.Confidence, _ add: (inout ContainerFacts) -> Void) {
        guard var facts else { return }
        add(&facts)
        facts.readServiceAccount()
        guard facts != self.facts || workload.confidence != confidence else { return }
        let hasNewPod = facts.pod != self.facts?.pod
        self.facts = facts
        let before = workload
        workload = Identity.workload(facts, confidence: confidence)
        workload.ended = before.ended
        if before.confidence == .runtime, !hasNewPod { workload.keepName(of: before) }
    }
}

extension Workload {
    /// What a runtime has vouched for is not called otherwise by what is said later: its baseline goes by the name.
    fileprivate mutating func keepName(of before: Workload) {
        guard id != before.id else { return }
        id = before.id
        kind = before.kind
        orchestrator = before.orchestrator
        pod = before.pod
        serviceName = before.serviceName
        if let name = before.container?.name { container?.name = name }
    }
}

extension ContainerFacts {
    /// An engine made it, and this is one of that kind.
    fileprivate func isOfEngine(_ kind: String) -> Bool {
        runtime == kind || runtime == "cri-o" && kind == "containerd"
    }

    /// As all engines make them up: nobody's cgroup is called so by chance.
    fileprivate static func isMadeUp(id: String) -> Bool {
        id.utf8.count == 64 && id.utf8.allSatisfy(ImageReference.isHex)
    }
}
