// A small program that pulls in nearly all of LLVM 19: every target, the O2 pipeline, assembly for three machines.
#include "llvm/ADT/SmallVector.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
using namespace llvm;

int main() {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    LLVMContext context;
    SMDiagnostic diagnostic;
    const char *text = "define i32 @f(i32 %x){ %y = mul i32 %x, 7\n %z = add i32 %y, 3\n ret i32 %z }";
    auto module = parseAssemblyString(text, diagnostic, context);
    if (!module) {
        diagnostic.print("f", errs());
        return 1;
    }
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
    for (auto triple : {"x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu"}) {
        module->setTargetTriple(triple);
        std::string error;
        auto *target = TargetRegistry::lookupTarget(triple, error);
        if (!target) {
            outs() << error << "\n";
            return 2;
        }
        auto *machine = target->createTargetMachine(triple, "", "", TargetOptions(), Reloc::PIC_);
        module->setDataLayout(machine->createDataLayout());
        SmallVector<char, 0> assembly;
        raw_svector_ostream stream(assembly);
        legacy::PassManager passes;
        machine->addPassesToEmitFile(passes, stream, nullptr, CodeGenFileType::AssemblyFile);
        passes.run(*module);
        outs() << triple << " " << assembly.size() << "\n";
    }
}
