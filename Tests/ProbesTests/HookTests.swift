import Foundation
import Testing

@testable import Probes

/// The probe against this machine's own kernel.
@Suite(.serialized, .enabled(if: Probe.obstacle == nil, "KERNEL TESTS SKIPPED: \(Probe.obstacle ?? "")"))
struct HookTests {
    @Test func everyHookIsAttachedOrSaysWhyNot() throws {
        let probe = try Probe()
        #expect(!probe.hooks.isEmpty)
        for hook in probe.hooks {
            #expect(hook.attached == (hook.error == nil), "\(hook.name)")
            guard let gap = hook.gap else {
                #expect(hook.attached, "\(hook.name) is essential")
                continue
            }
            let isNamed = probe.gaps.contains { $0.id == gap.id }
            let isWhole = probe.hooks.allSatisfy { $0.gap != gap || $0.attached }
            #expect(isNamed != isWhole, "\(hook.name): \(gap.id)")
        }
    }

    @Test(arguments: ["listening", "post_bind4", "sendmsg6"])
    func aRefusedHookIsNamedAndAllOthersAreAttached(_ program: String) throws {
        let whole = try Probe()
        var configuration = Probe.Configuration()
        // The variant for older kernels would be taken instead.
        configuration.misplaced = [program, program + "_compat"]
        let probe = try Probe(configuration: configuration)
        let hook = try #require(probe.hooks.first { $0.program.hasPrefix(program) })
        #expect(!hook.attached)
        #expect(hook.error?.contains(program) == true)
        let gap = try #require(hook.gap)
        #expect(probe.gaps.contains(gap))
        #expect(!whole.gaps.contains(gap))
        let expected = whole.hooks.filter(\.attached).map(\.name).filter { $0 != hook.name }
        #expect(Set(probe.hooks.filter(\.attached).map(\.name)) == Set(expected))
    }

    @Test func aVariantTakesThePlaceOfARefusedProgram() throws {
        var configuration = Probe.Configuration()
        configuration.misplaced = ["connect4"]
        let probe = try Probe(configuration: configuration)
        let hook = try #require(probe.hooks.first { $0.name == "cgroup/connect4" })
        #expect(hook.program == "connect4_compat")
        #expect(hook.attached)
    }

    @Test func withoutAnEssentialHookThereIsNoMonitor() {
        var configuration = Probe.Configuration()
        configuration.misplaced = ["process_executed"]
        #expect(throws: ProbeError.self) { try Probe(configuration: configuration) }
    }
}

extension Probe {
    /// Why the kernel cannot be watched from here; nil if it can.
    static let obstacle: String? = geteuid() != 0 ? "not root" : Kernel.hasTypes ? nil : "no BTF in this kernel"
}
