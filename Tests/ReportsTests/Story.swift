import Baselines
import Evidence
import Foundation
import Workloads

/// A week of a small node, with a bit of everything.
extension Scene {
    static func week() throws -> Scene {
        let scene = try Scene(at: begin + 6 * hour)
        func add(_ line: String, _ time: Int64) throws { try scene.add(line, at: time) }
        let start = begin + 6 * hour
        try add(Recorded.started(start), start)
        for action in ["identity-registered", "credential-registered", "credential-shared", "credential-human-use"] {
            try add(Recorded.change(action, start + hour), start + hour)
        }
        let rules = [
            "exec.unexpected", "exec.shell", "exec.reverse-shell", "connect.unexpected", "open.unexpected",
            "open.credential", "exec.dropped",
        ]
        for (index, rule) in (rules + rules.prefix(4)).enumerated() {
            let time = begin + day + Int64(index) * 7 * hour
            try add(Recorded.alert(rule, time), time)
        }
        try add(Recorded.response("restricted", begin + 2 * day), begin + 2 * day)
        try add(Recorded.response("lifted", begin + 2 * day + 600 * second), begin + 2 * day + 600 * second)
        try add(Recorded.response("restricted", mode: "dry-run", outcome: "unknown", begin + 3 * day), begin + 3 * day)
        try add(Recorded.response("notified", outcome: "failure", begin + 3 * day), begin + 3 * day)
        try add(
            Recorded.gap("exec acts were lost: the ring was full", begin + 3 * day, begin + 3 * day + second, lost: 7),
            begin + 3 * day)
        try scene.addCustody(Recorded.ended(begin + 4 * day), at: begin + 4 * day)
        // Killed; the next one knows by its sign of life since when nobody watched.
        let (killed, again) = (begin + 5 * day, begin + 5 * day + 90 * 60 * second)
        try add(Recorded.started(again), again)
        try add(Recorded.gap("the monitor did not run", killed, again), again)
        try add(Recorded.stopped(now - hour), now - hour)
        try scene.seal(at: now - hour)
        try scene.fill()
        return scene
    }

    private func fill() throws {
        let web = "k8s/shop/deployment/web/nginx"
        var facts = IdentityFacts(Workload(id: web, kind: .k8s, instance: "c0ffee"))
        facts.ownership.owner = "shop"
        facts.ownership.review = 90
        facts.ownership.reviewed = "2026-01-01"
        var row = StoredIdentity(workload: web, first: Self.begin, last: Self.now - Self.hour)
        row.facts = Self.json(facts)
        row.alerts = 9
        let orphan = StoredIdentity(workload: "unit/cron.service", first: Self.begin, last: Self.now - Self.day)
        let key = StoredCredential.Key(sort: "mounted-secret", path: "/run/secrets/token", owner: web)
        var credential = StoredCredential(
            key: key, what: "a mounted secret", first: Self.begin, last: Self.now - Self.hour)
        credential.readers = [(web, false), ("unit/cron.service", true)].map { workload, isPerson in
            StoredCredential.Reader(
                workload: workload, program: "/bin/app", path: key.path, isPerson: isPerson, first: Self.begin,
                last: Self.now - Self.hour, count: 2)
        }
        let secrets = [
            ("spire-socket", "/run/spire/sockets/agent.sock"), ("tls-key", "/etc/ssl/private/shop.key"),
            ("service-account-token", "/var/run/secrets/kubernetes.io/serviceaccount/token"),
            ("ssh-key", "/root/.ssh/id_ed25519"), ("cloud-credentials", "/root/.aws/credentials"),
        ]
        let readers = [
            web, "unit/backup.service", "container/app-0", "k8s/shop/cronjob/nightly-export-of-orders/export",
        ]
        let more = secrets.enumerated().map { index, secret in
            var credential = StoredCredential(
                key: .init(sort: secret.0, path: secret.1, owner: index == 1 ? web : ""), what: "a \(secret.0)",
                first: Self.begin, last: Self.now - Self.day)
            credential.readers = readers.enumerated().filter { ($0.offset + index).isMultiple(of: 3) }.map { at, name in
                StoredCredential.Reader(
                    workload: name, program: "/bin/app", path: secret.1, isPerson: index == 3, first: Self.begin,
                    last: Self.now - Self.day - Int64(at), count: 1)
            }
            return credential
        }
        var baselines: [StoredBaseline] = []
        for (index, state) in [BaselineStatus.State.armed, .candidate, .learning].enumerated() {
            baselines.append(
                StoredBaseline(
                    key: BaselineKey(workload: "container/app-\(index)", digest: "sha256:9c1b"), state: state,
                    learnedFor: 2400, learnedFrom: Self.begin, learnedUntil: Self.begin + Int64(index) * Self.hour,
                    units: 40, seen: 12033, lost: index, starts: 2, curve: "1:8 3:14 9:19 20:21 42:21",
                    armedAt: state == .armed ? Self.begin + Self.day : nil))
        }
        try store.write(
            [
                .identity(row, [StoredUse(.destination, "203.0.113.7:443/tcp", first: Self.begin, last: Self.now)]),
                .identity(orphan, []), .credential(credential),
            ] + more.map { .credential($0) } + baselines.map { .baseline($0) }
                + baselines.map { .behaviours($0.key, Self.behaviours($0.state == .learning ? 1 : 3)) })
    }

    /// Seen ever more seldom.
    private static func behaviours(_ often: Int) -> [StoredBehaviour] {
        (1...21).map { number in
            StoredBehaviour(
                shape: .open(OpenBehaviour(executable: "/bin/app", path: "/srv/\(number)", access: .read)),
                first: begin,
                last: begin + hour, count: 40 / number, units: max(1, often * 12 / number), starts: number < 9 ? 2 : 0)
        }
    }

    static func json(_ facts: IdentityFacts) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: (try? encoder.encode(facts)) ?? Data(), as: UTF8.self)
    }
}
