import Glibc

/// Finds out by trying what of the kernel half this kernel takes: a version says nothing about it.
struct Loader {
    let settings: KernelConfiguration
    let configuration: Probe.Configuration

    /// A hook, and which of its programs is to be used.
    struct Choice {
        let hook: Hook
        var variant = 0
        var program: String { hook.programs[variant] }
    }

    /// The best tier of those asked for whose opens can be seen here.
    func choose(_ choice: TierChoice, _ refusals: inout [ProbeError]) throws(ProbeError) -> (Tier, Choice) {
        for tier in Tier.allCases where choice == .auto || choice.rawValue == tier.rawValue {
            let hook = Hook.opening(in: tier)
            for variant in hook.programs.indices {
                do {
                    let candidate = Choice(hook: hook, variant: variant)
                    try tryOut(candidate.program, attaching: true)
                    return (tier, candidate)
                } catch {
                    var refusal = error
                    refusal.operation = "use \(hook.name)"
                    refusal.advice = nil
                    refusals.append(refusal)
                }
            }
        }
        var error = refusals.last ?? ProbeError("choose a tier", errno: EINVAL)
        error.advice = choice == .auto ? "see driftwatch doctor" : "use --tier auto"
        throw error
    }

    /// Loads every hook of a tier, less those that the kernel refuses and that can be done without.
    func load(_ tier: Tier, _ opening: Choice) throws(ProbeError) -> (Object, [Choice], refused: [HookStatus]) {
        // A kernel that needs a program's later variant needs it of the others too, as a rule.
        var chosen =
            Hook.others(in: tier).map { Choice(hook: $0, variant: min(opening.variant, $0.programs.count - 1)) }
            + [opening]
        var refused: [HookStatus] = []
        while true {
            let object = try Object(misplacing: configuration.misplaced)
            try object.initialise(".rodata.config", to: settings)
            try object.resize("control_ring", to: configuration.rings.control)
            try object.resize("opens_ring", to: configuration.rings.opens)
            try object.resize("ledger", to: Probe.mostAccounts)
            do {
                try object.load(only: Set(chosen.map(\.program)))
                return (object, chosen, refused)
            } catch {
                let (index, reason) = try culprit(among: chosen, of: error)
                let hook = chosen[index].hook
                if chosen[index].variant + 1 < hook.programs.count {
                    chosen[index].variant += 1
                } else if hook.gap != nil {
                    refused.append(HookStatus(chosen.remove(at: index), refused: reason))
                } else {
                    throw reason
                }
            }
        }
    }

    /// Which program alone cannot be loaded either; libbpf's own words say where to look first.
    private func culprit(among chosen: [Choice], of error: ProbeError) throws(ProbeError) -> (Int, ProbeError) {
        let suspects = chosen.indices.sorted { first, second in
            func isNamed(_ index: Int) -> Bool { error.log.contains { $0.contains("'\(chosen[index].program)'") } }
            return isNamed(first) && !isNamed(second)
        }
        for index in suspects {
            do { try tryOut(chosen[index].program, attaching: false) } catch { return (index, error) }
        }
        throw error
    }

    private func tryOut(_ program: String, attaching: Bool) throws(ProbeError) {
        // A failed object cannot be loaded again, so each try has its own, with small maps.
        let object = try Object(misplacing: configuration.misplaced)
        try object.initialise(".rodata.config", to: settings)
        for map in ["novelties", "procs", "ledger"] { try object.resize(map, to: 1) }
        for ring in ["control_ring", "opens_ring", "answers_ring"] {
            try object.resize(ring, to: UInt32(getpagesize()))
        }
        do { try object.load(only: [program]) } catch {
            var error = error
            error.operation = "load \(program)"
            // What libbpf calls "no such process" is a place that this kernel lacks.
            if error.errno == ESRCH { error.errno = EOPNOTSUPP }
            throw error
        }
        if attaching { _ = try object.attach(program, cgroup: nil) }
    }
}

extension HookStatus {
    init(_ choice: Loader.Choice, refused error: ProbeError? = nil) {
        self.init(
            name: choice.hook.name, program: choice.program, purpose: choice.hook.purpose, attached: error == nil,
            error: error.map { "\($0)" }, gap: choice.hook.gap)
    }
}
