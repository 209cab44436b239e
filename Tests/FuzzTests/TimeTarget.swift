import Events

/// A time: what is read is written as the same moment.
func fuzzTime(_ bytes: [UInt8]) throws(Broken) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let time = Timestamp.nanoseconds(text) else { return }
    try Broken.unless(
        Timestamp.nanoseconds(Timestamp.text(time)) == time, "\(time) is written as \(Timestamp.text(time))")
    _ = IPAddress(text)
    _ = AddressBlock(text)
}
