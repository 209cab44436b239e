import Baselines
import Foundation
import Testing

extension NodeTests {
    /// Outputs that do not do what one expects of them: nothing stands still, and what is lost is said.
    @Suite struct OutputTests {
        private let files = Scratch("output")

        private func command(_ output: String, _ cgroup: Cgroup) -> [String] {
            ["events", "--workload", cgroup.workload, "--output", output]
        }

        /// Every line that was made, in order, each once.
        private func sequences(_ text: String) throws -> [Int64] {
            try text.split(separator: "\n").map { try #require(try Line(String($0))["event.sequence"]?.integer) }
        }

        @Test(.judges("monitor-reader-gone")) func readerGone() async throws {
            let cgroup = try Cgroup("reader-gone")
            let ready = files / "ready"
            let shell = try Child(
                [
                    "bash", "-c",
                    """
                    \(Monitor.command) run --state \(files / "state") --learn 1h --events all --workload \(cgroup.workload) \
                      --ready-file \(ready) | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}
                    """,
                ], errors: files / "log")
            try await eventually("ready") { FileManager.default.fileExists(atPath: ready) ? true : nil }
            let target = try files.write("x", to: "target")
            try await cgroup.run(Node.provokers + "/open", "openat", target, "read")
            let status = try await shell.wait(within: .seconds(10))
            let log = try read(files / "log")
            #expect(status == 1 && log.split(separator: "\n").count == 1 && log.contains("standard output"), "\(log)")
            let exported = try await must([Monitor.command, "baseline", "export", "--state", files / "state"])
            #expect(exported.contains(cgroup.workload), "stored before the end: \(exported)")
        }

        @Test(.judges("monitor-pipe-blocked")) func readerThatSleeps() async throws {
            let cgroup = try Cgroup("reader-sleeps")
            let pipe = files / "pipe"
            mkfifo(pipe, 0o600)
            let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(reader) }
            let monitor = try await Monitor(command(pipe, cgroup))
            // Many times what waits: a busy machine loses most of it before it is a line.
            try await cgroup.run(Node.provokers + "/open-new", files.path, "60000")
            try await Task.sleep(for: .seconds(2))
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            // All there is: nothing more comes for a while, and what came ends with a whole line.
            var quiet = 0
            try await eventually("the lines that were dropped are told of", within: .seconds(30)) { () -> Bool? in
                let before = bytes.count
                while case let count = Glibc.read(reader, &buffer, buffer.count), count > 0 {
                    bytes += buffer[..<count]
                }
                quiet = bytes.count == before ? quiet + 1 : 0
                guard quiet > 200, bytes.last == UInt8(ascii: "\n") else { return nil }
                return String(decoding: bytes, as: UTF8.self).contains("lines were dropped") ? true : nil
            }
            let lines = try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { try Line(String($0)) }
            let gaps = lines.filter { $0["driftwatch.gap.why"]?.string?.contains("lines were dropped") == true }
            let told = gaps.compactMap { $0["driftwatch.gap.lost"]?.integer }.reduce(0, +)
            let last = try #require(lines.last?["event.sequence"]?.integer)
            let first = try #require(lines.first?["event.sequence"]?.integer)
            #expect(told > 0)
            #expect(last - first + 1 == Int64(lines.count) + told, "every line is there or counted")
            // Again blocked, it must end nevertheless.
            try await cgroup.run(Node.provokers + "/open-new", files.path, "2000")
            kill(monitor.pid, SIGTERM)
            try await eventually("ended", within: .seconds(5)) {
                try read("/proc/\(monitor.pid)/stat").contains(") Z ") ? true : nil
            }
            #expect(try monitor.log().contains("could not be written"))
        }

        @Test(.judges("monitor-rotation")) func rotationAtFullSpeed() async throws {
            let cgroup = try Cgroup("rotation")
            let output = files / "lines"
            let monitor = try await Monitor(command(output, cgroup))
            let flood = try cgroup.start(Node.provokers + "/open-new", files.path, "6000")
            for number in 0..<8 {
                try await Task.sleep(for: .milliseconds(200))
                rename(output, output + ".\(number)")
                kill(monitor.pid, SIGHUP)
                try await eventually("a new file") { FileManager.default.fileExists(atPath: output) ? true : nil }
            }
            _ = try await flood.wait()
            kill(monitor.pid, SIGTERM)
            try await eventually("the last line", within: .seconds(5)) {
                try read(output).contains("monitor-stopped") ? true : nil
            }
            let all = try (0..<8).map { try read(output + ".\($0)") }.joined() + read(output)
            let numbers = try sequences(all)
            #expect(numbers.count > 100)
            #expect(numbers == Array(numbers[0]..<(numbers[0] + Int64(numbers.count))), "lost or doubled")
        }

        @Test(.judges("monitor-rotation-failed")) func directoryGoneAtRotation() async throws {
            let cgroup = try Cgroup("rotated-away")
            let directory = files / "logs"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let monitor = try await Monitor(command(directory + "/lines", cgroup))
            rename(directory, directory + ".old")
            kill(monitor.pid, SIGHUP)
            let target = try files.write("x", to: "target")
            try await eventually("said") {
                try monitor.log().contains("cannot open \(directory)/lines: No such file") ? true : nil
            }
            try await cgroup.run(Node.provokers + "/open", "openat", target, "read")
            try await eventually("the old file") {
                try read(directory + ".old/lines").contains(target) ? true : nil
            }
            kill(monitor.pid, SIGTERM)
            try await eventually("the last line") {
                try read(directory + ".old/lines").contains("monitor-stopped") ? true : nil
            }
        }

        @Test(.needs("unshare", "nsenter"), .judges("monitor-output-full")) func diskThatIsFull() async throws {
            let cgroup = try Cgroup("full-output")
            let room = try await Room(size: "256k")
            let monitor = try await Monitor(command(room.path + "/lines", cgroup), within: room.within)
            let output = room.outside + "/lines"
            try await eventually("the first line") { try read(output).contains("monitor-started") ? true : nil }
            try room.fill()
            try await cgroup.run(Node.provokers + "/open-new", files.path, "100")
            try await eventually("said") { try monitor.log().contains("No space left on device") ? true : nil }
            try await Task.sleep(for: .milliseconds(300))
            #expect(try read(output).hasSuffix("\n"), "no line is torn")
            room.free()
            try await eventually("said") { try monitor.log().contains("written again") ? true : nil }
            kill(monitor.pid, SIGTERM)
            try await eventually("the last line") { try read(output).contains("monitor-stopped") ? true : nil }
            let numbers = try sequences(read(output))
            #expect(numbers.count > 100)
            #expect(numbers == Array(numbers[0]..<(numbers[0] + Int64(numbers.count))), "lost or doubled")
        }

        @Test(arguments: [">&-", "</dev/null >/dev/null 2>&- >&-"])
        func closedOutput(_ how: String) async throws {
            let finished = try await run(["bash", "-c", "\(Monitor.command) events --for 1s \(how)"])
            #expect(finished.status == 1, "\(finished)")
            if !how.contains("2>") {
                #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
                #expect(finished.errors.contains("standard output"), "\(finished.errors)")
            }
        }

        /// Lines wait for room, and the end does not.
        @Test func outputThatIsAlwaysFull() async throws {
            let finished = try await run(["bash", "-c", "\(Monitor.command) events --for 1s >/dev/full"])
            #expect(finished.status == 0, "\(finished)")
            #expect(finished.errors.contains("No space left on device"), "\(finished.errors)")
            #expect(finished.errors.contains("could not be written"), "\(finished.errors)")
        }

        @Test func tablesThatCannotBeWritten() async throws {
            let finished = try await run(["bash", "-c", "\(Monitor.command) workloads >/dev/full"])
            #expect(finished.status == 1, "\(finished)")
            #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        }

        /// A log that nobody reads does not hold up the monitor either.
        @Test(.judges("monitor-log-blocked")) func errorsThatNobodyReads() async throws {
            let pipe = files / "errors"
            mkfifo(pipe, 0o600)
            let reader = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
            defer { close(reader) }
            // Full from the start.
            let filler = [UInt8](repeating: 0x2e, count: 1 << 16)
            while write(reader, filler, filler.count) > 0 {}
            let finished = try await run(
                ["bash", "-c", "\(Monitor.command) events --for 1s >/dev/full 2>\(pipe)"], within: .seconds(8))
            #expect(finished.status == 0)
        }
    }
}
