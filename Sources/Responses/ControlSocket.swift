import CLinux
import Foundation

/// What a command asks of a running monitor, over a socket in its state directory: one line of JSON each way.
package struct ControlRequest: Sendable, Equatable, Codable {
    package enum Verb: String, Sendable, Codable { case approve, lift }
    package var verb: Verb
    /// The response's id; to lift, also a workload's.
    package var name: String
    package var who: String
    package var why: String

    package init(_ verb: Verb, _ name: String, who: String, why: String) {
        self.verb = verb
        self.name = name
        self.who = who
        self.why = why
    }
}

package struct ControlReply: Sendable, Equatable, Codable {
    package var isDone: Bool
    /// What came of it, a line each.
    package var lines: [String]
}

/// Both ends of the socket.
package enum ControlSocket {
    static let fileName = "driftwatch.sock"
    private static let largest = 64 << 10

    /// Asks the monitor of a state directory; nil: none that could answer runs there.
    package static func ask(_ request: ControlRequest, in directory: String) throws(ActionError) -> ControlReply? {
        let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw failure("cannot make a socket") }
        defer { close(file) }
        limit(file, milliseconds: 10_000)
        let result = try at(directory) { Glibc.connect(file, $0, $1) }
        if result != 0 {
            guard errno == ENOENT || errno == ECONNREFUSED else { throw failure("cannot ask the monitor") }
            return nil
        }
        guard let line = try? JSONEncoder().encode(request), send(line + [0x0a], over: file) else {
            throw failure("cannot ask the monitor")
        }
        guard let answer = receive(from: file), let reply = try? JSONDecoder().decode(ControlReply.self, from: answer)
        else {
            throw ActionError(
                "the monitor did not answer within 10 s; see what became of it by driftwatch response list")
        }
        return reply
    }

    /// The monitor's end.
    final class Listener {
        let descriptor: Int32

        /// One that an earlier monitor left is replaced: who holds the state's lock is alone.
        init(in directory: String) throws(ActionError) {
            descriptor = socket(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { throw failure("cannot make a socket") }
            unlink(directory + "/" + fileName)
            let before = umask(0o177)
            defer { umask(before) }
            guard try at(directory, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 8) == 0 else {
                throw failure("cannot listen at \(directory)/\(fileName)")
            }
        }

        deinit { close(descriptor) }

        /// Answers whoever waits. Nobody but root and the monitor's own user is heard.
        func serve(_ answer: (ControlRequest) -> ControlReply) {
            var user: UInt32 = 0
            while case let file = linux_accept(descriptor, &user), file >= 0 {
                defer { close(file) }
                limit(file, milliseconds: 200)
                guard user == 0 || user == geteuid(), let line = receive(from: file),
                    let request = try? JSONDecoder().decode(ControlRequest.self, from: line),
                    let reply = try? JSONEncoder().encode(answer(request))
                else { continue }
                _ = send(reply + [0x0a], over: file)
            }
        }
    }

    /// By a descriptor of the directory: an address has room for 107 bytes, a path may be longer.
    private static func at(
        _ directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(ActionError) -> Int32 {
        let place = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw failure("cannot open \(directory)") }
        defer { close(place) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = "/proc/self/fd/\(place)/\(fileName)"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let reason = errno
        defer { errno = reason }
        return result
    }

    private static func limit(_ file: Int32, milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: suseconds_t(milliseconds % 1000 * 1000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(file, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static func send(_ bytes: Data, over file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// One line; nil where none came in time.
    private static func receive(from file: Int32) -> Data? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.last != 0x0a {
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 0, bytes.count + count <= largest else { return nil }
            bytes += buffer[..<count]
        }
        return Data(bytes.dropLast())
    }

    private static func failure(_ what: String) -> ActionError {
        ActionError("\(what): \(String(cString: strerror(errno)).lowercased())")
    }
}
