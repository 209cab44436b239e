import Glibc

/// A process started by a test, ended with it at the latest.
final class Child: Sendable {
    let pid: pid_t
    let name: String

    /// Output and errors go to files that are made anew; nil is /dev/null.
    init(
        _ words: [String], input: String = "/dev/null", output: String? = nil, errors: String? = nil,
        directory: String? = nil, environment: [String: String] = [:]
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        let create = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", create, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors ?? "/dev/null", create, 0o600)

        var variables: [String] = []
        var variable = environ
        while let text = variable.pointee {
            let line = String(cString: text)
            if let name = line.split(separator: "=").first, environment[String(name)] == nil { variables.append(line) }
            variable += 1
        }
        variables += environment.map { "\($0.key)=\($0.value)" }

        var pid: pid_t = 0
        let words = ((directory.map { ["env", "-C", $0] } ?? []) + words).map { strdup($0) } + [nil]
        let settings = variables.map { strdup($0) } + [nil]
        defer { (words + settings).forEach { free($0) } }
        let failure = posix_spawnp(&pid, words[0]!, &actions, nil, words, settings)
        name = String(cString: words[0]!)
        guard failure == 0 else { throw Trouble("cannot start \(name): \(String(cString: strerror(failure)))") }
        self.pid = pid
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Exit status, of a signal 128 more than its number. Past the limit the process is killed.
    func wait(within limit: Duration = .seconds(60)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit * Node.patience
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw Trouble("\(name) did not end within \(limit)")
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}

/// What kept a test from being carried out.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// How a command ended.
struct Finished {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs a command to its end.
@discardableResult
func run(
    _ words: [String], directory: String? = nil, environment: [String: String] = [:],
    within limit: Duration = .seconds(60)
) async throws -> Finished {
    let files = Scratch("run")
    let child = try Child(
        words, output: files / "output", errors: files / "errors", directory: directory, environment: environment)
    let status = try await child.wait(within: limit)
    return Finished(status: status, output: try read(files / "output"), errors: try read(files / "errors"))
}

/// Runs a command that a test relies on.
@discardableResult
func must(_ words: [String], directory: String? = nil, environment: [String: String] = [:]) async throws -> String {
    let finished = try await run(words, directory: directory, environment: environment)
    guard finished.status == 0 else {
        throw Trouble("\(words.joined(separator: " ")) ended with \(finished.status): \(finished.errors)")
    }
    return finished.output
}
