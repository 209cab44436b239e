import Foundation
import Testing

/// A workload that goes on doing the same: what it runs, and what is done to it meanwhile.
struct Routine: Sendable, CustomTestStringConvertible {
    let name: String
    let command: [String]
    /// A shell's words; `PID` is the workload's.
    var load: String?
    var container = true

    var testDescription: String { name }

    static let all = [
        Routine(
            name: "busybox httpd", command: ["/bin/httpd", "-f", "-p", "80", "-h", "/www"],
            load: "nsenter -t PID -n busybox wget -q -O /dev/null http://127.0.0.1/index.html"),
        Routine(
            name: "cron-like script",
            command: [
                "/bin/sh", "-c",
                """
                while :; do
                  t=/tmp/job.$$.$(date +%N); date > $t; cat $t /etc/motd > /dev/null; rm $t; sleep 0.2
                done
                """,
            ]),
        Routine(
            name: "python http.server",
            command: [
                "/usr/bin/python3", "-m", "http.server", "47120", "--bind", "127.0.0.1", "--directory",
                "/tmp/driftwatch-node/www",
            ],
            load: "busybox wget -q -O /dev/null http://127.0.0.1:47120/", container: false),
    ]
}

extension NodeTests {
    /// A workload that does what it always did is no news.
    @Suite(.needs("crun", "runc", "busybox", "nsenter")) struct SilenceTests {
        @Test(arguments: Routine.all)
        func unchanged(_ routine: Routine) async throws {
            let id = routine.name.replacing(" ", with: "-")
            let state = Scratch("silence")
            let box = try await Box.shared()
            try FileManager.default.createDirectory(atPath: Box.path + "/image/www", withIntermediateDirectories: true)
            try "hello".write(toFile: Box.path + "/image/www/index.html", atomically: false, encoding: .utf8)
            try "hello".write(toFile: Box.path + "/image/etc/motd", atomically: false, encoding: .utf8)
            let www = Scratch("www", fixed: true)
            _ = try www.write("hello", to: "index.html")
            let workload = routine.container ? "oci/" + id : "cgroup/driftwatch-test/" + id
            let monitor = try await Monitor(["run", "--state", state.path, "--learn", "5s", "--workload", workload])

            let cgroup = try Cgroup(id)
            let container = routine.container ? try await box.start(id, command: routine.command) : nil
            let process =
                routine.container
                ? nil : try Child([Node.provokers + "/enter-cgroup", cgroup.path] + routine.command)
            let pid = container?.pid ?? process!.pid
            let load = try routine.load.map {
                try Child(["sh", "-c", "while :; do \($0.replacing("PID", with: "\(pid)")); sleep 0.05; done"])
            }
            try await monitor.armed(workload)
            try await Task.sleep(for: .seconds(6))
            for child in [load, process].compactMap({ $0 }) {
                child.signal(SIGKILL)
                _ = try await child.wait()
            }
            let lines = try await monitor.stop()
            if let container { try await box.stop(container) }
            let alerts = lines.filter { $0.kind == "alert" }
            // What was lost while learning is news later, and the alert says so: that machine was too busy to tell.
            let whole = alerts.filter { $0["driftwatch.baseline.coverage.lost"] == 0 }
            #expect(whole.isEmpty, "\(whole)")
            let ledger = try Ledger(lines.last!, "open")
            #expect(ledger["seen"] > 100, "the workload was not under load: \(ledger)")
        }
    }
}
