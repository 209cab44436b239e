import Events

extension AddressBlock {
    /// The block with all bits beyond the prefix zero.
    package var masked: AddressBlock {
        AddressBlock(base: base.masked(prefix), prefix: prefix)
    }
}

extension IPAddress {
    /// The first bits of the written form, the others zero.
    func masked(_ prefix: Int) -> IPAddress {
        var bytes = bytes
        var left = prefix + (128 - width)
        for index in 0..<16 {
            if left <= 0 {
                bytes[index] = 0
            } else if left < 8 {
                bytes[index] &= ~(0xff >> UInt8(left))
            }
            left -= 8
        }
        return IPAddress(bytes: bytes)
    }
}
