// A program that needs nearly all of LLVM: every target, the optimisation pipeline, code for three instruction sets.
// Prints the size of the assembly for each.
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

using namespace llvm;

static const char *const text = "define i64 @power(i64 %base, i64 %count) {\n"
                                "entry:\n"
                                "  br label %loop\n"
                                "loop:\n"
                                "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n"
                                "  %product = phi i64 [ 1, %entry ], [ %more, %loop ]\n"
                                "  %more = mul i64 %product, %base\n"
                                "  %next = add i64 %i, 1\n"
                                "  %done = icmp eq i64 %next, %count\n"
                                "  br i1 %done, label %exit, label %loop\n"
                                "exit:\n"
                                "  ret i64 %more\n"
                                "}\n";

static bool assemble(Module &module, const char *triple) {
    std::string error;
    module.setTargetTriple(triple);
    const Target *target = TargetRegistry::lookupTarget(triple, error);
    if (!target) return false;
    TargetMachine *machine = target->createTargetMachine(triple, "", "", TargetOptions(), Reloc::PIC_);
    module.setDataLayout(machine->createDataLayout());
    SmallVector<char, 0> buffer;
    raw_svector_ostream stream(buffer);
    legacy::PassManager passes;
    if (machine->addPassesToEmitFile(passes, stream, nullptr, CodeGenFileType::AssemblyFile)) return false;
    passes.run(module);
    outs() << triple << ' ' << buffer.size() << '\n';
    return buffer.size() > 0;
}

int main() {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    LLVMContext context;
    SMDiagnostic problem;
    std::unique_ptr<Module> module = parseAssemblyString(text, problem, context);
    if (!module) return 1;
    PassBuilder builder;
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2).run(*module, modules);
    for (const char *triple : {"x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu"})
        if (!assemble(*module, triple)) return 2;
    return 0;
}
