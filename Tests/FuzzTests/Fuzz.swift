import Foundation

/// Set by scripts/fuzz.sh; libFuzzer owns main and its arguments.
private let target = FuzzTarget(rawValue: ProcessInfo.processInfo.environment["DRIFTWATCH_FUZZ"] ?? "")

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let target else { fatalError("DRIFTWATCH_FUZZ names no target") }
    do throws(Broken) {
        try target.run(Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        fatalError("\(target): \(error)")
    }
    return 0
}
