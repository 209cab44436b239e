import Foundation
import Testing

/// One attack on a learned workload, and all the alerts that it may cause.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let orders: [String]
    let rules: [String]
    /// Dotted path and value that the alert of the first rule must have.
    var holds: [String: JSON] = [:]

    var testDescription: String { name }

    init(_ name: String, _ orders: [String], _ rules: [String], _ holds: [String: JSON] = [:]) {
        self.name = name
        self.orders = orders
        self.rules = rules
        self.holds = holds
    }

    /// What the agent does all day.
    static let routine = [
        "open /etc/motd r", "open /tmp/state rw+", "connect 127.0.0.1 47200", "run /bin/nothing ok",
        "drop /bin/nothing /tmp/copy", "listen 7000",
    ]

    static let all = [
        Attack("unknown program", ["run /bin/other"], ["exec.unexpected"], ["process.executable": "/bin/other"]),
        Attack("shell", ["run /bin/sh -c true"], ["exec.shell"], ["process.args": ["/bin/sh", "-c", "true"]]),
        Attack(
            "shell that goes on", ["run /bin/sh -c /bin/other;/bin/true"],
            ["exec.shell", "exec.unexpected", "exec.unexpected"]),
        Attack(
            "dropped program", ["drop /bin/nothing /tmp/dropped", "run /tmp/dropped"],
            ["exec.dropped", "open.unexpected"], ["process.executable": "/tmp/dropped"]),
        Attack(
            "program without a file", ["memfd /bin/nothing x"], ["exec.fileless"], ["driftwatch.exec.fileless": true]),
        Attack(
            "reverse shell", ["reverse 127.0.0.1 47201 /bin/sh -c true"], ["exec.reverse-shell", "connect.unexpected"],
            ["driftwatch.exec.stdio_socket": true]),
        Attack("exec session", [], ["exec.injected"], ["process.args": ["/bin/other", "injected"]]),
        Attack(
            "new destination", ["connect 127.0.0.1 47202"], ["connect.unexpected"],
            ["destination.ip": "127.0.0.1", "destination.port": 47202, "network.transport": "tcp"]),
        Attack(
            "new datagram", ["sendto 127.0.0.2 53"], ["connect.unexpected"],
            ["destination.ip": "127.0.0.2", "network.transport": "udp"]),
        Attack("new listener", ["listen 7001"], ["listen.unexpected"], ["source.port": 7001]),
        Attack("new file", ["open /etc/other r"], ["open.unexpected"], ["file.path": "/etc/other"]),
        Attack(
            "known file written", ["open /etc/motd w"], ["open.unexpected"],
            ["file.path": "/etc/motd", "driftwatch.file.access": ["write"]]),
        Attack("token", ["open /run/secrets/token r"], ["open.credential"], ["file.path": "/run/secrets/token"]),
        Attack("shadow", ["open /etc/shadow r"], ["open.credential"], ["file.path": "/etc/shadow"]),
        Attack("file of the host", ["at 3 leaked/file"], ["open.escape"]),
    ]
}

/// One learned agent, attacked in every way, and the alerts that followed each attack.
private actor Siege {
    static let shared = Siege()
    private var task: Task<[String: [Line]], any Error>?

    func alerts(after name: String) async throws -> [Line] {
        let task = self.task ?? Task { try await lay() }
        self.task = task
        return try await task.value[name] ?? []
    }

    private func lay() async throws -> [String: [Line]] {
        let box = try await Box.shared()
        let state = Scratch("siege")
        let monitor = try await Monitor(["run", "--state", state.path, "--learn", "4s", "--workload", "oci/agent"])
        let agent = try await Agent(box, "agent")
        for order in Attack.routine { try await agent.order(order) }
        try await monitor.armed(agent.workload)

        var found = Alerts(monitor: monitor)
        try await found.collect("learning")
        for order in Attack.routine { try await agent.order(order) }
        try await found.collect("routine")
        for attack in Attack.all {
            let listener = attack.name == "reverse shell" ? try await agent.listener(port: 47201) : nil
            for order in attack.orders { try await agent.order(order) }
            if attack.name == "exec session" {
                try await box.verb("oci", "crun", "exec", "agent", "/bin/other", "injected")
            }
            _ = try await listener?.wait()
            try await found.collect(attack.name, expecting: attack.rules.count)
        }
        for attack in Attack.all where attack.name == "new file" || attack.name == "new destination" {
            for order in attack.orders { try await agent.order(order) }
        }
        try await found.collect("repeats")
        try await monitor.stop()
        try await agent.stop()
        return found.after
    }
}

/// Alerts by what they followed.
private struct Alerts {
    let monitor: Monitor
    var after: [String: [Line]] = [:]
    private var seen = 0

    init(monitor: Monitor) { self.monitor = monitor }

    /// Those that came since the last call belong to `name`.
    /// Waits for as many as are expected, and then a little for those that are not.
    mutating func collect(_ name: String, expecting count: Int = 0) async throws {
        let wanted = seen + count
        _ = try? await eventually("alerts", within: .seconds(8)) {
            try monitor.lines(with: "\"alert\"").count(where: { $0.kind == "alert" }) >= wanted ? true : nil
        }
        try await Task.sleep(for: .milliseconds(400))
        let all = try monitor.lines().filter { $0.kind == "alert" }
        after[name] = Array(all[seen...])
        seen = all.count
    }
}

extension NodeTests {
    /// Each rule fires on what it is for, once, and on nothing else.
    @Suite(.needs("crun", "runc", "busybox")) struct RuleTests {
        @Test(arguments: Attack.all)
        func fires(_ attack: Attack) async throws {
            let alerts = try await Siege.shared.alerts(after: attack.name)
            #expect(alerts.map(\.rule).sorted() == attack.rules.sorted(), "\(alerts)")
            let alert = try #require(alerts.first { $0.rule == attack.rules[0] })
            for (path, value) in attack.holds { #expect(alert[path] == value, "\(path) in \(alert)") }
            for path in [
                "event.severity", "event.reason", "rule.name", "rule.description", "threat.framework",
                "driftwatch.baseline.state", "driftwatch.count",
            ] { #expect(alert[path] != nil, "no \(path) in \(alert)") }
            let stories = Set(alerts.map { $0["driftwatch.incident.id"]?.string })
            #expect(!stories.contains(nil))
            if attack.name == "shell that goes on" { #expect(stories.count == 1, "\(alerts)") }
        }

        @Test(arguments: ["learning", "routine", "repeats"])
        func silentDuring(_ phase: String) async throws {
            let alerts = try await Siege.shared.alerts(after: phase)
            #expect(alerts.isEmpty, "\(alerts)")
        }

        @Test(.judges("monitor-saturated")) func saturation() async throws {
            let state = Scratch("saturation")
            let monitor = try await Monitor([
                "run", "--state", state.path, "--learn", "3s", "--workload", "oci/flooding",
            ])
            let agent = try await Agent(Box.shared(), "flooding")
            for order in Attack.routine { try await agent.order(order) }
            try await monitor.armed(agent.workload)
            try await agent.order("flood /tmp 60000")
            // To read all the lines of a flood takes longer than the monitor may take to write the one that is waited for.
            let saturated = "monitor.saturated"
            try await monitor.line("saturation", within: .seconds(40), with: saturated) { $0.rule == saturated }
            // What is not a file still comes through, at once.
            try await agent.order("connect 127.0.0.1 47202")
            let connect = "connect.unexpected"
            try await monitor.line("connect", within: .seconds(5), with: connect) { $0.rule == connect }
            // At most one a minute; at the end the rest.
            let told = try monitor.lines(with: saturated).filter { $0.rule == saturated }.map {
                $0.time("@timestamp") ?? 0
            }
            #expect(zip(told, told.dropFirst()).allSatisfy { $1 - $0 >= 60_000_000_000 }, "\(told)")
            try await monitor.stop()
            try await agent.stop()
        }

        /// What is never normal is told while learning, too, and not learned.
        @Test(.judges("monitor-poisoned")) func neverNormal() async throws {
            let box = try await Box.shared()
            let state = Scratch("never")
            let acts = [
                "memfd /bin/nothing x", "drop /bin/nothing /tmp/dropped", "run /tmp/dropped",
                "reverse 127.0.0.1 47201 /bin/sh -c true", "open /etc/shadow r",
            ]
            let rules = ["exec.dropped", "exec.fileless", "exec.reverse-shell", "open.credential"]
            let agent = try await Agent(box, "never")
            func attacked(_ learn: String) async throws -> [Line] {
                let monitor = try await Monitor([
                    "run", "--state", state.path, "--learn", learn, "--workload", "oci/never",
                ])
                let listener = try await agent.listener(port: 47201)
                for act in Attack.routine + acts { try await agent.order(act) }
                _ = try await listener.wait()
                try await Task.sleep(for: .milliseconds(500))
                return try await monitor.stop().filter { $0.kind == "alert" }
            }
            let learning = try await attacked("1h")
            #expect(Set(learning.map(\.rule)) == Set(rules), "\(learning)")
            let after = try await attacked("off")
            #expect(Set(after.map(\.rule)).isSuperset(of: rules), "learned: \(after)")
            try await agent.stop()
        }
    }
}
