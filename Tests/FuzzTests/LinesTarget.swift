import Foundation

@testable import Sinks

/// A recorded stream as `check` reads it: what Foundation takes for no JSON, we must not take either.
func fuzzLines(_ bytes: [UInt8]) throws(Broken) {
    for line in bytes.split(separator: 0x0a) {
        let line = Array(line)
        let parsed = try? JSONParser.parse(line)
        // Foundation guesses the encoding where there is a NUL.
        if parsed != nil, !line.contains(0) {
            let theirs = try? JSONSerialization.jsonObject(with: Data(line), options: .fragmentsAllowed)
            try Broken.unless(theirs != nil, "taken for JSON")
        }
        guard let observation = try? EventReader.read(line) else { continue }
        var format = ECSFormat(host: Host(name: "n", bootID: "b", kernel: "k"), seed: 1)
        let written = format.behaviour(observation, created: 0)
        let again = try? EventReader.read(Array(written.dropLast()))
        try Broken.unless(again?.behaviour == observation.behaviour, "written and read back as another behaviour")
        _ = TextFormat(color: false).behaviour(observation)
    }
}
