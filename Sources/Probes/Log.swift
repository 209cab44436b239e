import CLibbpf
import Glibc
import Synchronization

/// What libbpf says, kept instead of printed: an error is one line, the rest is for `doctor`.
enum Log {
    /// Enough to hold the end of a verifier's complaint.
    private static let capacity = 40
    private static let kept = Mutex<[String]>([])

    private static let installed: Void = {
        _ = libbpf_set_print { level, format, arguments in
            guard level != LIBBPF_DEBUG, let format, let arguments else { return 0 }
            // The verifier's log comes as one message of up to 16 MiB; its end is what tells.
            var text = [CChar](repeating: 0, count: 64 << 10)
            let length = Int(vsnprintf(&text, text.count, format, arguments))
            let bytes = text.prefix(max(0, min(length, text.count - 1))).map { UInt8(bitPattern: $0) }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(capacity).map(String.init)
            kept.withLock { $0 = Array(($0 + lines).suffix(capacity)) }
            return Int32(length)
        }
    }()

    static func install() { installed }
    static func clear() { kept.withLock { $0 = [] } }
    static func lines() -> [String] { kept.withLock { $0 } }
}
