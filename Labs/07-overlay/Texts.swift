internal import LabKit

/// What lab 7 says.
enum Texts {
  static let title = Text("8eec48", en: "Overlay: what a write copies", zh: "Overlay：一次写入会复制什么")
  static let story = Text(
    "9f5aa8",
    en: """
      A file of 64 MiB lies in a lower layer, as if an image had brought it. An overlay is \
      mounted over it, and a container writes one byte to the file, then one more, and then \
      deletes it. We watch the upper layer from the host, and count what the writing process \
      made the disk write.
      """,
    zh: """
      一个 64 MiB 的文件位于下层，就像镜像带来的一样。在它上面挂载一个 overlay，容\
      器向这个文件写一个字节，再写一个，然后把它删除。我们从主机观察上层，并统计写入的进程让磁盘写\
      了多少。
      """)
  static let belief = Text(
    "eb2baf",
    en: "\"Copy on write copies what is written: a block or so.\"",
    zh: "“写时复制只复制写到的部分：大约一个块。”")
  static let copyQuestion = Text(
    "6cef8e",
    en: """
      The container writes 1 byte into the 64 MiB file. How many bytes does the upper layer \
      take for that?
      """,
    zh: "容器向 64 MiB 的文件写入 1 个字节。上层为此占用多少字节？")
  static let copyByte = Text("9df190", en: "1 byte.", zh: "1 个字节。")
  static let copyByteWhy = Text(
    "85482b",
    en: """
      The program wrote 1 byte, and its wchar says so. But overlayfs knows only whole files: \
      before the first write the file is copied up, and the upper layer took {copied}.
      """,
    zh: """
      程序确实只写了 1 个字节，它的 wchar 也这么说。但 overlayfs 只认整个文件：\
      第一次写入之前要先把文件复制到上层，于是上层占用了 {copied}。
      """)
  static let copyBlock = Text("936321", en: "One block of 4096 bytes.", zh: "一个 4096 字节的块。")
  static let copyBlockWhy = Text(
    "713916",
    en: """
      That is how block-level snapshots work: device mapper, LVM, btrfs. overlayfs lies above \
      filesystems and never sees blocks; its unit is the file: {copied}, for a lower file of \
      {size}.
      """,
    zh: """
      那是块级快照的做法：device mapper、LVM、btrfs。overlayfs 位于\
      文件系统之上，看不到块；它的单位是文件：下层文件 {size}，上层占用 {copied}。
      """)
  static let copyWhole = Text(
    "ffdbcd",
    en: "All of it: 67 108 864 bytes.",
    zh: "全部：67 108 864 字节。")
  static let copyWholeWhy = Text(
    "5a0e0c",
    en: """
      The file was copied up whole: {copied} for one byte. The kernel charged the writing \
      process with {written} of writes, and the write took {milliseconds} ms. This is why \
      databases and logs belong into volumes.
      """,
    zh: """
      文件被整个复制到上层：为了一个字节占用 {copied}。内核记在写入进程名下的写入量是 \
      {written}，这次写入用了 {milliseconds} 毫秒。这就是数据库和日志应当\
      放在卷里的原因。
      """)
  static let againQuestion = Text(
    "45a4bb",
    en: """
      The container writes a second byte, at the end of the same file. How much is copied now?
      """,
    zh: "容器在同一文件的末尾再写一个字节。这次复制多少？")
  static let againWhole = Text("98a6ff", en: "The whole file again.", zh: "再复制整个文件。")
  static let againWholeWhy = Text(
    "18c4f1",
    en: """
      The file is in the upper layer already (inode {inode}, before and after), and there it \
      is an ordinary file. The disk was asked for {again}.
      """,
    zh: "文件已经在上层（inode 前后都是 {inode}），在那里它就是普通文件。这次让磁盘写的是 {again}。")
  static let againBlock = Text("bfaa83", en: "The block that changes.", zh: "被改动的那个块。")
  static let againBlockWhy = Text(
    "363235",
    en: """
      Nothing is copied from below any more. The page is written, as in any file: {again}. But \
      that is no copy; the lower layer is not even read.
      """,
    zh: "不会再从下层复制任何东西。被改动的页会写出，和任何文件一样：{again}。但那不是复制，下层甚至不会被读取。")
  static let againNothing = Text("62348c", en: "Nothing.", zh: "什么也不复制。")
  static let againNothingWhy = Text(
    "2f990f",
    en: """
      After the first write the name leads to the upper file, inode {inode}; the disk was \
      asked for {again}. Only the first write to each file is dear.
      """,
    zh: """
      第一次写入之后，这个名字就指向上层的文件，inode {inode}；这次让磁盘写的是 \
      {again}。每个文件只有第一次写入代价高。
      """)
  static let goneQuestion = Text(
    "b0b498",
    en: "The container removes the file. What is in the upper layer then?",
    zh: "容器删除这个文件。之后上层里有什么？")
  static let goneNothing = Text(
    "e1c3b0",
    en: "Nothing, and the file is gone from the lower layer too.",
    zh: "什么也没有，下层的文件也没了。")
  static let goneNothingWhy = Text(
    "0875bb",
    en: """
      The lower layer is never written to: there the file still has {lower}. If the upper \
      layer held nothing, it would show through again.
      """,
    zh: "下层从不被写入：那里的文件仍是 {lower}。如果上层什么都没有，它就会重新透出来。")
  static let goneEmpty = Text("828c5e", en: "An empty file of that name.", zh: "一个同名的空文件。")
  static let goneEmptyWhy = Text(
    "eba2a0",
    en: """
      An empty file would be shown as an empty file. What says "not here" must be something \
      that no image has a use for: {whiteout}.
      """,
    zh: "空文件会被当作空文件显示。表示“这里没有”的，必须是任何镜像都用不到的东西：{whiteout}。")
  static let goneDevice = Text(
    "655e54",
    en: "A character device 0, 0 of that name.",
    zh: "一个同名的字符设备 0, 0。")
  static let goneDeviceWhy = Text(
    "17604b",
    en: """
      That is a whiteout: {whiteout} in the upper layer, and below the file lies as before \
      with {lower}. So removing a file from an image never makes the image smaller.
      """,
    zh: """
      这就是 whiteout：上层里是 {whiteout}，而下层的文件原封不动，\
      {lower}。所以从镜像里删除文件，镜像不会变小。
      """)
  static let sayPrepare = Text(
    "413582",
    en: """
      On the host: a lower layer with a file of 64 MiB, an empty upper one, and an overlay of \
      both.
      """,
    zh: "在主机上：下层放一个 64 MiB 的文件，上层为空，再把两者挂载成 overlay。")
  static let sayStart = Text(
    "915dc7",
    en: "A container gets the overlay at /mnt. Its own root is an overlay too.",
    zh: "容器在 /mnt 得到这个 overlay。它自己的根也是 overlay。")
  static let sayFirst = Text(
    "f8ec8d",
    en: "The shell in it writes one byte at the beginning of the file.",
    zh: "容器里的 shell 在文件开头写一个字节。")
  static let saySecond = Text(
    "39645c",
    en: "It writes a second byte, at the end.",
    zh: "它在文件末尾再写一个字节。")
  static let sayRemove = Text("cdacae", en: "It removes the file.", zh: "它删除这个文件。")
  static let io = Text(
    "bbe3e9",
    en: "what the shell wrote (wchar), and what the disk was asked to write for it",
    zh: "shell 写了多少（wchar），以及为此让磁盘写了多少")
  static let inside = Text("fa709f", en: "the file as the container sees it", zh: "容器看到的这个文件")
  static let upper = Text("28568d", en: "the upper layer", zh: "上层")
  static let root = Text("18ca7f", en: "the container's own root", zh: "容器自己的根")
  static let findCopied = Text(
    "90709a",
    en: "bytes the upper layer took for a write of 1 byte",
    zh: "写 1 个字节后上层占用的字节数")
  static let findWritten = Text("706181", en: "bytes the shell itself wrote", zh: "shell 自己写的字节数")
  static let otherWritten = Text("0620d9", en: "it wrote more than one byte", zh: "它写的不止一个字节")
  static let findAgain = Text(
    "10c7b7",
    en: "bytes the disk was asked for by the second write",
    zh: "第二次写入让磁盘写的字节数")
  static let findInode = Text(
    "22c335",
    en: "the file in the upper layer after the second write",
    zh: "第二次写入之后上层里的文件")
  static let otherInode = Text(
    "8a43bf",
    en: "it is another file: it was copied again",
    zh: "它是另一个文件：又复制了一次")
  static let findWhiteout = Text(
    "0b816d",
    en: "what the upper layer holds under the name",
    zh: "上层里这个名字是什么")
  static let otherWhiteout = Text("417d2a", en: "it is no whiteout", zh: "它不是 whiteout")
  static let findLower = Text("a8d136", en: "the file in the lower layer", zh: "下层里的文件")
  static let otherLower = Text("a73d89", en: "the lower layer was changed", zh: "下层被改动了")
  static let findGone = Text("973476", en: "the name, for the container", zh: "对容器来说，这个名字")
  static let notGone = Text("f29c38", en: "it is still there", zh: "它还在")
  static let noAccounting = Text(
    "d5c95d",
    en: "the upper layer is in memory, where the kernel counts no writes",
    zh: "上层在内存中，内核不统计那里的写入")
  static let exerciseTask = Text(
    "99d8fa",
    en: """
      Write gone.sh, which lists what a container has deleted of its image.
      It is called as: gone.sh PID (the first process of a container, as the host sees it).
      It prints a path a line, as the container would name it (/etc/group), in any order.
      """,
    zh: """
      编写 gone.sh，列出容器从镜像中删除了什么。
      调用方式：gone.sh PID（容器的第一个进程，主机上的 PID）。
      每行打印一个路径，写成容器里的样子（/etc/group），顺序不限。
      """)
  static let exerciseHint1 = Text(
    "9911ab",
    en: """
      The upper layer knows. Which directory that is stands in the container's own table of \
      mounts, in the line whose fifth field is /.
      """,
    zh: "上层知道。它是哪个目录，写在容器自己的挂载表里，即第五个字段是 / 的那一行。")
  static let exerciseHint2 = Text(
    "e137c3",
    en: "upper=$(awk '$5 == \"/\"' /proc/$1/mountinfo | sed 's/.*upperdir=\\([^,]*\\).*/\\1/')",
    zh: """
      用这个取得上层：upper=$(awk '$5 == "/"' \
      /proc/$1/mountinfo | sed \
      's/.*upperdir=\\([^,]*\\).*/\\1/')
      """)
  static let exerciseHint3 = Text(
    "58a90a",
    en: """
      find "$upper" -type c lists the character devices; stat -c '%t,%T' shows their numbers. \
      A whiteout has 0,0; what is before the path in the container is $upper.
      """,
    zh: """
      find "$upper" -type c 列出字符设备；stat -c '%t,%T' 显\
      示设备号。whiteout 是 0,0；去掉路径前面的 $upper 就是容器里的路径。
      """)
  static let hintDevice = Text(
    "c9ceab",
    en: "You listed a real device too. Only the character device 0,0 means \"gone\".",
    zh: "你把真正的设备也列了出来。只有字符设备 0,0 才表示“已删除”。")
  static let hintEmpty = Text(
    "ca8062",
    en: """
      An empty file is an empty file, and a deleted one is no file at all: look at the type.
      """,
    zh: "空文件就是空文件，而被删除的根本不是普通文件：要看类型。")
  static let hintInside = Text(
    "062c4a",
    en: """
      Inside the container the deleted file is nowhere to be seen. The upper layer is on the \
      host.
      """,
    zh: "在容器里，被删除的文件哪儿也看不到。要到主机上看上层。")
  static let findListed = Text("78df9f", en: "the paths that were deleted", zh: "被删除的路径")
  static let wrongListed = Text(
    "e72ab2",
    en: "these are not the whiteouts of its upper layer",
    zh: "这些不是它上层里的 whiteout")
  static let wrongDevice = Text(
    "98092f",
    en: "a device that the container made is no deletion",
    zh: "容器自己建立的设备不算删除")
  static let wrongEmpty = Text("a1355a", en: "an empty file is no deletion", zh: "空文件不算删除")
  static let wrongInside = Text("e11e4f", en: "nothing was found", zh: "什么也没找到")
  static let brokenTask = Text(
    "02a8f8",
    en: """
      commit.sh makes a layer of what a container has changed: commit.sh UPPER LAYER copies an \
      upper layer into the empty directory LAYER. Mounted over the same lower layer, it should \
      show what the container saw. But a directory that the container emptied and filled again \
      is full of its old files. Repair commit.sh.
      """,
    zh: """
      commit.sh 把容器的改动做成一层：commit.sh 上层目录 层目录，把上层复制到\
      空目录“层目录”中。把它挂载在同一个下层之上，应当看到容器当时看到的内容。可是，容器清空后又\
      重新放入文件的那个目录里，旧文件全都回来了。请修复 commit.sh。
      """)
  static let brokenHint1 = Text(
    "74db1d",
    en: """
      Removing a directory and making it again hides what was in it. In the upper layer there \
      is only a directory: where is it written that it hides something?
      """,
    zh: "删除一个目录再重新建立，会遮住它原来的内容。上层里只有一个目录：它遮住了东西这件事，写在哪里？")
  static let brokenHint2 = Text(
    "bd763d",
    en: "In an extended attribute: getfattr -d -m - UPPER/dir shows trusted.overlay.opaque.",
    zh: """
      写在扩展属性里：getfattr -d -m - 上层/目录，可以看到 \
      trusted.overlay.opaque。
      """)
  static let brokenHint3 = Text(
    "357fe6",
    en: """
      cp -r leaves attributes behind; cp -a takes them along, and so does tar --xattrs \
      --xattrs-include='*'.
      """,
    zh: """
      cp -r 会丢下属性；cp -a 会带上，tar --xattrs \
      --xattrs-include='*' 也会。
      """)
  static let hintOpaque = Text(
    "8f8652",
    en: """
      The copied directory has no trusted.overlay.opaque, so what lies below it shows through.
      """,
    zh: "复制出来的目录没有 trusted.overlay.opaque，所以下面的内容透了出来。")
  static let hintWhiteout = Text(
    "0f803a",
    en: """
      A deleted file came back: the character devices 0,0 of the upper layer belong to the \
      layer too.
      """,
    zh: "被删除的文件回来了：上层里的字符设备 0,0 也是这一层的内容。")
  static let findLayer = Text(
    "021a82",
    en: "the files that the new layer shows over the lower one",
    zh: "新的一层叠加在下层之上时看到的文件")
  static let oldFiles = Text(
    "3b408e",
    en: "files of the emptied directory are back",
    zh: "被清空的目录里，旧文件又回来了")
  static let deletedFile = Text("f4773e", en: "the deleted file is back", zh: "被删除的文件又回来了")
  static let otherFiles = Text(
    "e29b90",
    en: "that is not what the container saw",
    zh: "这不是容器当时看到的内容")
}
