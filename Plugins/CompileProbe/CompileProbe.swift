import Foundation
import PackagePlugin

/// Compiles the kernel half and hands it to `Probes` as one Swift file.
@main
struct CompileProbe: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let sources = context.package.directoryURL.appending(path: "bpf")
        let output = context.pluginWorkDirectoryURL
        let inputs = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
            .filter { ["c", "h"].contains($0.pathExtension) || $0.lastPathComponent == "Makefile" }
        // The toolchain's own clang has the BPF target; any other that has it will do.
        let clang = (try? context.tool(named: "clang").url.path()) ?? "clang"
        return [
            .buildCommand(
                displayName: "Compiling the kernel half",
                executable: URL(filePath: "/usr/bin/env"),
                arguments: [
                    "make", "--silent", "--directory", sources.path(), "OUTPUT=\(output.path())", "CLANG=\(clang)",
                ],
                inputFiles: inputs,
                outputFiles: [output.appending(path: "ProbeObject.swift")])
        ]
    }
}
