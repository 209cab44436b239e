import Drift
import Events
import Foundation
import Workloads

@testable import Baselines
@testable import Sinks

/// A record of the ring: decoded, written as a line, read back. The behaviour must be the same, and the line harmless.
func fuzzRecord(_ bytes: [UInt8]) throws(Broken) {
    var decoder = EventDecoder()
    guard let record = try? decoder.decode(bytes.span.bytes), case .behaviour(let event) = record else { return }
    // The cache of paths must not make a second decoding another.
    try Broken.unless((try? decoder.decode(bytes.span.bytes)) == record, "decoding twice gives two values")
    let act = Observation(
        event: event, workload: Workload(id: "oci/a", kind: .oci, instance: "a"), origin: .child,
        time: 1_795_165_200_000_000_000)
    try checkLearning(act.behaviour)
    let text = TextFormat(color: true).behaviour(act)
    try Broken.unless(isHarmless(text.dropLast()), "a control character in a line for people")
    var format = ECSFormat(host: Host(name: "n", bootID: "b", kernel: "k"), seed: 1)
    let line = format.behaviour(act, created: act.time)
    try Broken.unless(line.last == 0x0a && isHarmless(line.dropLast()), "a control character in a line of JSON")
    try Broken.unless((try? JSONSerialization.jsonObject(with: Data(line))) is [String: Any], "not JSON")
    do {
        let read = try EventReader.read(Array(line.dropLast()))
        try Broken.unless(
            read?.behaviour == act.behaviour,
            "\(act.behaviour) is read back as \(read.map { "\($0.behaviour)" } ?? "nothing")")
        try Broken.unless(
            read?.event.lossyFields == event.lossyFields && read?.event.truncated == event.truncated,
            "read back with other marks")
    } catch let failure as EventReader.Failure {
        throw Broken(description: "not read back: \(failure)")
    } catch {
        throw Broken(description: "\(error)")
    }
}

/// What was learned is known, also after it was written down and read.
func checkLearning(_ behaviour: Behaviour) throws(Broken) {
    // What has no name can be told, but not written down.
    if case .open(let open) = behaviour, open.path.isEmpty { return }
    let spec = BaselineSpec.allowing(behaviour)
    try Broken.unless(BaselineIndex(spec).knows(behaviour), "learned, but not known: \(behaviour)")
    let read: BaselineSpec
    do throws(FileRefusal) {
        read = try BaselineFile.parseSpec(BaselineSpec.allowText(for: behaviour))
    } catch {
        throw Broken(description: "\(error), for \(behaviour)")
    }
    try Broken.unless(BaselineIndex(read).knows(behaviour), "written and read, but not known: \(behaviour)")
}

/// UTF-8 without C0, DEL or C1 but the escapes of our own colours.
func isHarmless(_ line: ArraySlice<UInt8>) -> Bool {
    guard let text = String(validating: line, as: UTF8.self) else { return false }
    return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) }
}
