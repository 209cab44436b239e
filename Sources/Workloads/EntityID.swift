import Crypto
import Events
import Foundation

/// Names a process for ever: pids are reused, start times repeat after a boot, nodes have the same of both.
package struct EntityID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// The first 16 of SHA-256 over boot id, pid and start, in hex: the same process has the same id after the monitor
    /// starts anew.
    package init(_ process: ProcessName, boot: String = Self.boot) {
        var hash = SHA256()
        hash.update(data: Data("\(boot)/\(process.pid)/\(process.start)".utf8))
        let digits = Array("0123456789abcdef".utf8)
        let text = hash.finalize().prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        description = String(decoding: text, as: UTF8.self)
    }

    /// New at each boot, random, so it also tells nodes apart.
    package static let boot: String =
        (Files.text("/proc/sys/kernel/random/boot_id") ?? "").filter { !$0.isWhitespace }
}
