import Crypto
import Events

/// Names a process for all nodes and times: SHA-256 over the machine's boot, the pid and the start, 128 bits of it.
struct EntityIDs {
    private let boot: [UInt8]
    /// What /proc tells of a start is whole clock ticks of 10 ms (USER_HZ), and the same process has one name.
    private static let tick: UInt64 = 10_000_000

    /// `boot` is the boot id of the kernel, random at each start.
    init(boot: String) { self.boot = Array(boot.utf8) }

    /// 32 hexadecimal digits; of no process, as of a kernel's child's parent, none.
    func id(_ process: ProcessName) -> String {
        guard process.pid != 0 else { return "" }
        var hash = SHA256()
        hash.update(data: boot)
        withUnsafeBytes(of: process.pid.littleEndian) { hash.update(bufferPointer: $0) }
        withUnsafeBytes(of: (process.start / Self.tick).littleEndian) { hash.update(bufferPointer: $0) }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for byte in hash.finalize().prefix(16) {
            digits.append(Self.digits[Int(byte >> 4)])
            digits.append(Self.digits[Int(byte & 15)])
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
