import Foundation

/// A small file system of a test's own, in a mount namespace that nobody else sees, and that ends with it.
final class Room: Sendable {
    private let files = Scratch("room")
    private let holder: Child
    /// Where it is mounted, for commands within.
    let path: String

    /// `size` as tmpfs takes it: `64k`, `1m`.
    init(size: String) async throws {
        path = files / "room"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let ready = files / "ready"
        holder = try Child([
            "unshare", "--mount", "--propagation", "private", "sh", "-c",
            "mount -t tmpfs -o size=\(size),mode=700 none \(path) && : >\(ready) && exec sleep 600",
        ])
        try await eventually("a mount") { FileManager.default.fileExists(atPath: ready) ? true : nil }
    }

    /// The same place as seen from here.
    var outside: String { "/proc/\(holder.pid)/root\(path)" }

    /// Words that run a command within.
    var within: [String] { ["nsenter", "--target", "\(holder.pid)", "--mount", "--"] }

    /// Takes all room that is left, but for so many bytes; 0 leaves none.
    func fill(leaving bytes: Int = 0) throws {
        var status = statvfs()
        statvfs(outside, &status)
        let free = Int(status.f_bavail) * Int(status.f_bsize) - bytes
        try Data(count: max(0, free)).write(to: URL(filePath: outside + "/filler"))
    }

    func free() { unlink(outside + "/filler") }

    deinit {
        holder.signal(SIGKILL)
        waitpid(holder.pid, nil, 0)
    }
}
