import Foundation
import Linux
import Testing

@testable import Report

/// Debian's chromium without a window, on files only.
struct Chromium {
  static let path = "/usr/bin/chromium"
  static var isReady: Bool { File.exists(path) }

  /// What it wrote to its standard output.
  @discardableResult
  static func run(_ words: [String], in directory: String) throws -> String {
    let arguments =
      [
        "/usr/bin/timeout", "120", path, "--headless", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
        // Nothing is asked of the network: no updates, no lists, no names looked up.
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(directory)/profile",
        "--window-size=1000,1400",
      ] + words
    let result = try Child.run(arguments[0], arguments)
    try #require(
      result.status.code == 0, "\(words): \(String(decoding: result.error, as: UTF8.self))")
    return String(decoding: result.output, as: UTF8.self)
  }

  /// Looks at a page after it was laid out: every text of every drawing, and the width of it all.
  ///
  /// The page itself has no script; this one stands in a copy. It finds texts of a drawing that lie
  /// on each other or stick out of it, what is wider than the window, and what a page would cut.
  static func complaints(_ html: String, in directory: String) throws -> [String] {
    let script = """
      const bad = [];
      for (const details of document.querySelectorAll('details')) details.open = true;
      const wide = document.documentElement;
      if (wide.scrollWidth > wide.clientWidth) bad.push('the page is wider than the window');
      // What is to be in one piece must have room on a page: 265 mm, 96 pixels an inch.
      for (const whole of document.querySelectorAll('.whole'))
        if (whole.getBoundingClientRect().height > 1000)
          bad.push('higher than a page: ' + whole.querySelector('figcaption').textContent);
      for (const svg of document.querySelectorAll('svg')) {
        const name = svg.getAttribute('aria-label');
        const frame = svg.getBoundingClientRect();
        if (frame.width < 100 || frame.height < 20) bad.push(name + ': no size');
        const texts = [...svg.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
        texts.forEach(([t, a], i) => {
          if (a.left < frame.left - 1 || a.right > frame.right + 1 ||
              a.top < frame.top - 1 || a.bottom > frame.bottom + 1)
            bad.push(name + ': sticks out: ' + t.firstChild.data);
          for (const [u, b] of texts.slice(i + 1)) {
            const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (x > 1 && y > 4) bad.push(name + ': ' + t.firstChild.data + ' on ' + u.firstChild.data);
          }
        });
      }
      const out = document.createElement('pre');
      out.id = 'complaints';
      out.textContent = '<<<' + bad.join('\\n') + '>>>';
      document.body.append(out);
      """
    let path = "\(directory)/looked-at.html"
    let page = html.replacingOccurrences(of: "</body>", with: "<script>\(script)</script></body>")
    try File.replace(path, with: page.utf8)
    let dom = try run(["--dump-dom", "file://" + path], in: directory)
    let found = try #require(
      dom.range(of: "<pre id=\"complaints\">&lt;&lt;&lt;").map { dom[$0.upperBound...] },
      "the script did not run")
    let end = try #require(found.range(of: "&gt;&gt;&gt;"))
    return found[..<end.lowerBound].split(separator: "\n").map(String.init)
  }

  /// What is in a picture.
  struct Seen {
    var colours: Int
    /// How light its corner is, 0…255.
    var corner: Int
    /// How much of it has not the corner's colour, 0…1.
    var ink: Double
  }

  /// Looks at pictures.
  ///
  /// Chromium reads them: a canvas gives the bytes that PNG (ISO 15948) packs.
  static func look(at pictures: [String], in directory: String) throws -> [Seen] {
    let images = try pictures.map { picture in
      let data = Data(try File.read(picture)).base64EncodedString()
      return "<img src=\"data:image/png;base64,\(data)\">"
    }
    let page = """
      <!DOCTYPE html><body>\(images.joined())<script>
      addEventListener('load', () => {
        document.title = [...document.images].map(i => {
          const c = document.createElement('canvas');
          c.width = i.naturalWidth; c.height = i.naturalHeight;
          const g = c.getContext('2d'); g.drawImage(i, 0, 0);
          const d = new Uint32Array(g.getImageData(0, 0, c.width, c.height).data.buffer);
          let ink = 0; for (const p of d) if (p !== d[0]) ink++;
          return [new Set(d).size, d[0] & 255, ink / d.length].join(' ');
        }).join(',');
      });
      </script></body>
      """
    let path = "\(directory)/pictures.html"
    try File.replace(path, with: page.utf8)
    let dom = try run(["--dump-dom", "file://" + path], in: directory)
    return try dom.matches(of: #/([0-9]+) ([0-9]+) ([0-9.e-]+)(?=[,<])/#).prefix(pictures.count).map
    {
      Seen(
        colours: try #require(Int($0.1)), corner: try #require(Int($0.2)),
        ink: try #require(Double($0.3)))
    }
  }
}
