/// Bytes that grow and are kept for the next line; an array would ask at each byte whether it is shared.
struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    mutating func clear() { count = 0 }

    mutating func append(_ byte: UInt8) {
        if count == capacity { grow(1) }
        base[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        if count + bytes.count > capacity { grow(bytes.count) }
        (base + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    mutating func append(_ text: StaticString) { text.withUTF8Buffer { append($0) } }

    /// Decimal digits of a number, with leading zeros up to `width`.
    mutating func append(decimal number: UInt64, width: Int = 1) {
        // 2^64 has twenty digits.
        if count + 20 > capacity { grow(20) }
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        digits = max(digits, width)
        rest = number
        var index = count + digits
        while index > count {
            index -= 1
            base[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// Lower-case digits without leading zeros up to `width`.
    mutating func append(hexadecimal number: UInt64, width: Int = 1) {
        let digits = max((64 - number.leadingZeroBitCount + 3) / 4, width)
        for digit in (0..<digits).reversed() {
            let value = UInt8(truncatingIfNeeded: number >> UInt64(4 * digit)) & 15
            append(value < 10 ? 0x30 + value : 0x57 + value)
        }
    }

    var array: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

    private mutating func grow(_ room: Int) {
        let larger = max(capacity * 2, count + room)
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        next.update(from: base, count: count)
        base.deallocate()
        base = next
        capacity = larger
    }
}
