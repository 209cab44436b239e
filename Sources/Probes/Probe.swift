import CLibbpf
import Glibc
import Synchronization

/// The kernel half, loaded and attached for as long as this lives.
package final class Probe: Sendable {
    package struct Configuration: Sendable {
        /// False: every act becomes a record, with no filter and no quota.
        package var firstSeen = true
        /// Of each workload.
        package var quotas = Allowances()
        package var hierarchy = WorkloadHierarchy.ofThisHost()
        /// Acts of this process are not told; 0: none such.
        package var ownProcess = UInt32(getpid())
        /// Programs to be aimed at places that no kernel has, so that it refuses them; for tests.
        package var misplaced: Set<String> = []

        /// Bytes of each ring, powers of two. The first-seen filter leaves little to carry; without it, bursts are large.
        var rings: (control: UInt32, opens: UInt32) { firstSeen ? (2 << 20, 2 << 20) : (4 << 20, 16 << 20) }

        package init() {}
    }

    package let tier: Tier
    /// Every hook of the tier, those that this kernel refused included.
    package let hooks: [HookStatus]
    /// What cannot be seen: by this tier, and without the hooks that were refused.
    package let gaps: [Gap]
    /// Why a better tier is not active; for `doctor`.
    package let refusals: [ProbeError]
    /// Records of exec, connect, listen, cgroups and ends of processes.
    package let control: RingBuffer
    /// Records of opens.
    package let opens: RingBuffer
    /// Records of what resolvers answered; of a name that a later record's act goes by, it is there before that one.
    package let answers: RingBuffer

    // After the start both are only kept, so that what they own stays: nothing reads or changes them.
    private nonisolated(unsafe) let object: Object
    private nonisolated(unsafe) var links: [Link]
    private let controlled = Mutex(KernelControl())
    private let novelties: Map<NoveltyKey, Novelty>
    private let quotaBuckets: Map<UInt64, Quota>
    private let owners: Map<UInt64, UInt8>
    private let processes: Map<UInt32, KernelProcess>
    private let incidents: Map<UInt32, KernelIncident>
    private let controls: Map<UInt32, KernelControl>
    let restrictions: Map<UInt64, KernelRestriction>
    let destinations: Map<KernelDestination, UInt8>
    /// What the restricted cgroups may reach, as the kernel has it.
    let restricted = Mutex<[UInt64: Set<KernelDestination>]>([:])
    let accounts: Map<UInt64, Account>
    let news: Map<UInt32, News>
    let tracing: [(fileDescriptor: Int32, telling: Telling)]

    package init(tier choice: TierChoice = .auto, configuration: Configuration = Configuration()) throws(ProbeError) {
        try Kernel.check()
        let settings = try Self.settings(for: configuration)
        let cgroup = try CgroupRoot()
        var refusals: [ProbeError] = []
        let loader = Loader(settings: settings, configuration: configuration)
        let (tier, opening) = try loader.choose(choice, &refusals)
        self.tier = tier
        self.refusals = refusals

        let (object, chosen, refused) = try loader.load(tier, opening)
        self.object = object
        novelties = try object.map("novelties", key: NoveltyKey.self, value: Novelty.self)
        quotaBuckets = try object.map("quotas", key: UInt64.self, value: Quota.self)
        owners = try object.map("owners", key: UInt64.self, value: UInt8.self)
        processes = try object.map("procs", key: UInt32.self, value: KernelProcess.self)
        incidents = try object.map("incidents", key: UInt32.self, value: KernelIncident.self)
        controls = try object.map(".data.control", key: UInt32.self, value: KernelControl.self)
        restrictions = try object.map("restrictions", key: UInt64.self, value: KernelRestriction.self)
        destinations = try object.map("destinations", key: KernelDestination.self, value: UInt8.self)
        accounts = try object.map("ledger", key: UInt64.self, value: Account.self, copies: Kernel.cpus)
        news = try object.map("news", key: UInt32.self, value: News.self, copies: Kernel.cpus)
        try accounts.setAll(Self.nobody, to: Account())
        control = try RingBuffer(fileDescriptor: object.fileDescriptor(ofMap: "control_ring"), name: "control")
        opens = try RingBuffer(fileDescriptor: object.fileDescriptor(ofMap: "opens_ring"), name: "opens")
        answers = try RingBuffer(fileDescriptor: object.fileDescriptor(ofMap: "answers_ring"), name: "answers")

        var links: [Link] = []
        var statuses: [HookStatus] = []
        for choice in chosen {
            do {
                let place = choice.hook.place == .cgroup ? cgroup.fileDescriptor : nil
                links.append(try object.attach(choice.program, cgroup: place))
                statuses.append(HookStatus(choice))
            } catch {
                guard choice.hook.gap != nil else { throw error }
                statuses.append(HookStatus(choice, refused: error))
            }
        }
        self.links = links
        hooks = statuses + refused
        gaps = Gap.gaps(of: tier, without: hooks.filter { !$0.attached }.compactMap(\.gap))
        tracing = chosen.compactMap { choice in
            guard let telling = choice.hook.telling else { return nil }
            return object.fileDescriptor(ofProgram: choice.program).map { ($0, telling) }
        }
        // What some programs do depends on others.
        let attached = Set(hooks.lazy.filter(\.attached).map(\.program))
        try change {
            $0.unixWoken = attached.contains("unix_woken") ? 1 : 0
            $0.hears = attached.isSuperset(of: ["recvmsg4", "recvmsg6"]) ? 1 : 0
        }
    }

    private static func settings(for configuration: Configuration) throws(ProbeError) -> KernelConfiguration {
        var settings = KernelConfiguration(
            secret: (Kernel.random() | 1, Kernel.random() | 1),
            quotas: configuration.quotas, tick: Kernel.tick, ownProcess: configuration.ownProcess, cgroupSubsystem: -1,
            hierarchy: 0,
            firstSeen: configuration.firstSeen ? 1 : 0)
        if case .legacy(let controller) = configuration.hierarchy {
            guard let subsystem = Kernel.subsystem(named: controller),
                let hierarchy = CgroupRoot.controllers().first(where: { $0.name == controller })?.hierarchy
            else {
                throw ProbeError("find cgroup controller \(controller)", errno: ENOENT, advice: "mount it, or cgroup2")
            }
            settings.cgroupSubsystem = subsystem
            settings.hierarchy = hierarchy
        }
        return settings
    }
}

extension Probe {
    /// Lets go of every hook: nothing is seen from here on, and what was seen waits in the rings.
    package func detach() { links.removeAll() }
}

// MARK: - What the filter knows

extension Probe {
    package func novelty(of key: NoveltyKey) throws(ProbeError) -> Novelty? { try novelties.value(of: key) }

    /// Every behaviour that the filter holds, with its counts.
    package func forEachNovelty(_ body: (NoveltyKey, Novelty) -> Void) throws(ProbeError) {
        try novelties.forEach(body)
    }

    /// Makes one behaviour new again; false: it was not known.
    @discardableResult
    package func forget(_ key: NoveltyKey) throws(ProbeError) -> Bool { try novelties.remove(key) }

    /// Makes every behaviour new again.
    package func forgetAll() throws(ProbeError) {
        try change { $0.epoch += 1 }
    }

    /// By the cgroup that owns it; 0 stands for all that are nested too deeply to tell.
    package func forEachQuota(_ body: (_ owner: UInt64, Quota) -> Void) throws(ProbeError) {
        try quotaBuckets.forEach(body)
    }

    /// The cgroup is the topmost of a workload, or is so no more: all below it draws from its quota.
    package func setOwner(_ cgroup: UInt64, owns: Bool) throws(ProbeError) {
        if owns { try owners.set(cgroup, to: 1) } else { try owners.remove(cgroup) }
    }

    func change(_ body: (inout KernelControl) -> Void) throws(ProbeError) {
        try controlled.withLock { control throws(ProbeError) in
            body(&control)
            try controls.set(0, to: control)
        }
    }
}

// MARK: - Processes

extension Probe {
    /// Tells the kernel half of processes that were there before it; what it has seen since stays.
    package func seed(_ process: SeededProcess) throws(ProbeError) {
        try processes.set(
            process.pid,
            to: KernelProcess(start: process.start, exec: process.exec, execCgroup: process.cgroup, reported: 1),
            replacing: false)
    }

    /// From now on records of this process, and of those it starts, carry the incident.
    package func markIncident(_ id: UInt64, pid: UInt32, start: UInt64) throws(ProbeError) {
        try incidents.set(pid, to: KernelIncident(start: start, id: id))
        try change { $0.incidentsActive = 1 }
    }

    package func clearIncident(pid: UInt32) throws(ProbeError) { try incidents.remove(pid) }
}
