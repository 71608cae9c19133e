internal import CLinux
internal import Load

lx_exit(Load.main(CommandLine.arguments))
