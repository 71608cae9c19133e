// power-cut-disk IMAGE LOG MOUNTPOINT: a disk whose every write is written down.
//
// It is a FUSE filesystem that is one file (Documentation/filesystems/fuse; the structures below are
// those of <linux/fuse.h>): MOUNTPOINT, a regular file, becomes the disk, for a loop device to lie on.
//
//   ext4 ── block layer ── loop ── write(2), fsync(2) ── FUSE ── this program ── IMAGE and LOG
//
// LOG is a list of records, in the order in which the disk was asked:
//
//   u64 offset, u32 length, then the bytes     a write
//   u64 ~0,     u32 0                          a flush: all before it is on the disk now
//
// IMAGE as it was before, and any number of the first records: that is what a power cut leaves of a
// disk without a cache. One with a cache may have lost, besides, any of what came after the last flush.
//
// It prints `ready` when the disk is there, and ends when that is unmounted.

import Glibc

/// Writes a line to an open file.
func say(_ text: String, to fd: Int32) {
  var line = Array("\(text)\n".utf8)
  _ = unsafe write(fd, &line, line.count)
}

/// Ends with a message.
func fail(_ what: String) -> Never {
  let cause = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? ""
  say("power-cut-disk: \(what): \(cause)", to: 2)
  exit(1)
}

/// The operations of FUSE that a file needs (enum fuse_opcode).
enum Operation: UInt32 {
  case forget = 2
  case getAttributes = 3
  case open = 14
  case read = 15
  case write = 16
  case release = 18
  case sync = 20
  case flush = 25
  case initialize = 26
  case destroy = 38
}

extension UnsafeRawBufferPointer {
  func u32(_ offset: Int) -> UInt32 {
    unsafe loadUnaligned(fromByteOffset: offset, as: UInt32.self)
  }
  func u64(_ offset: Int) -> UInt64 {
    unsafe loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}

/// Little pieces, put together.
struct Bytes {
  var bytes = [UInt8]()

  mutating func add(_ value: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func pad(to count: Int) {
    while bytes.count < count { bytes.append(0) }
  }
}

/// The disk.
struct Disk {
  static let largestWrite = 1 << 17
  /// What comes before the bytes of a write: fuse_in_header and fuse_write_in.
  static let writeHeader = 80

  let image: Int32
  let log: Int32
  let fuse: Int32
  let size: UInt64

  func serve() {
    let capacity = Disk.largestWrite + 4096
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    while true {
      let count = unsafe read(fuse, buffer.baseAddress, capacity)
      guard count > 0 else {
        if count < 0, errno == EINTR || errno == ENOENT { continue }
        return  // ENODEV: unmounted
      }
      unsafe answer(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
    }
  }

  private func answer(_ request: UnsafeRawBufferPointer) {
    let unique = unsafe request.u64(8)
    switch unsafe Operation(rawValue: request.u32(4)) {
    case .initialize: reply(unique, unsafe initialized(request))
    case .getAttributes: reply(unique, attributes())
    case .open: reply(unique, [UInt8](repeating: 0, count: 16))
    case .read: unsafe reply(unique, bytes(at: request.u64(48), Int(request.u32(56))))
    case .write:
      let length = unsafe request.u32(56)
      unsafe take(request, at: request.u64(48), length)
      var written = Bytes()
      written.add(length)
      written.pad(to: 8)
      reply(unique, written.bytes)
    case .sync:
      unsafe note(.max, 0, nil)
      reply(unique, [])
    case .release, .flush, .destroy: reply(unique, [])
    case .forget: break
    case nil: reply(unique, [], error: -ENOSYS)
    }
  }

  /// fuse_init_out.
  private func initialized(_ request: UnsafeRawBufferPointer) -> [UInt8] {
    var out = Bytes()
    out.add(unsafe request.u32(40))
    out.add(unsafe min(request.u32(44), 31))
    out.add(UInt32(Disk.largestWrite))
    out.add(UInt32(1 << 5))  // FUSE_BIG_WRITES
    out.add(UInt16(12))
    out.add(UInt16(10))
    out.add(UInt32(Disk.largestWrite))
    out.add(UInt32(1))
    out.pad(to: 64)
    return out.bytes
  }

  /// fuse_attr_out: a regular file.
  private func attributes() -> [UInt8] {
    var out = Bytes()
    out.add(UInt64(3600))
    out.add(UInt64(0))
    out.add(UInt64(1))
    out.add(size)
    out.add(size / 512)
    out.pad(to: 16 + 60)
    out.add(UInt32(0o100600))
    out.add(UInt32(1))
    out.pad(to: 16 + 80)
    out.add(UInt32(4096))
    out.pad(to: 16 + 88)
    return out.bytes
  }

  private func bytes(at offset: UInt64, _ length: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: length) { (room, count) in
      let found = unsafe pread(image, room.baseAddress, length, off_t(offset))
      if found < 0 { fail("reading the image") }
      count = found
    }
  }

  private func take(_ request: UnsafeRawBufferPointer, at offset: UInt64, _ length: UInt32) {
    let content = unsafe request.baseAddress?.advanced(by: Disk.writeHeader)
    unsafe note(offset, length, content)
    guard unsafe pwrite(image, content, Int(length), off_t(offset)) == Int(length) else {
      fail("writing the image")
    }
  }

  private func note(_ offset: UInt64, _ length: UInt32, _ content: UnsafeRawPointer?) {
    var head = Bytes()
    head.add(offset)
    head.add(length)
    unsafe put(log, head.bytes, content, Int(length))
  }

  private func reply(_ unique: UInt64, _ body: [UInt8], error: Int32 = 0) {
    var head = Bytes()
    head.add(UInt32(16 + body.count))
    head.add(error)
    head.add(unique)
    unsafe body.withUnsafeBytes { unsafe put(fuse, head.bytes, $0.baseAddress, body.count) }
  }

  private func put(_ fd: Int32, _ head: [UInt8], _ body: UnsafeRawPointer?, _ count: Int) {
    var head = head
    let written = unsafe head.withUnsafeMutableBytes { first in
      var parts = unsafe [
        iovec(iov_base: first.baseAddress, iov_len: first.count),
        iovec(iov_base: UnsafeMutableRawPointer(mutating: body), iov_len: count),
      ]
      return unsafe writev(fd, &parts, 2)
    }
    // ENOENT: who asked has been interrupted.
    guard written == head.count + count || errno == ENOENT else { fail("writing") }
  }
}

let words = CommandLine.arguments
guard words.count == 4 else {
  say("usage: power-cut-disk IMAGE LOG MOUNTPOINT", to: 2)
  exit(2)
}
let image = unsafe open(words[1], O_RDWR | O_CLOEXEC)
let log = unsafe open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
let fuse = unsafe open("/dev/fuse", O_RDWR | O_CLOEXEC)
guard image >= 0, log >= 0, fuse >= 0 else { fail("opening \(words[1]), \(words[2]), /dev/fuse") }
let size = lseek(image, 0, SEEK_END)
let options = "fd=\(fuse),rootmode=100000,user_id=0,group_id=0,allow_other"
guard unsafe mount("power-cut-disk", words[3], "fuse", UInt(MS_NOSUID | MS_NODEV), options) == 0
else { fail("mounting on \(words[3])") }
say("ready", to: 1)
Disk(image: image, log: log, fuse: fuse, size: UInt64(size)).serve()
