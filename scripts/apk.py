"""Writes a package as apk reads it from version 3 on (OpenWrt 25.12): package(info, scripts, root, time) gives its bytes.

Of such a tool only apk itself was to be had, and no registry has that. The format is described in apk-tools'
doc/apk-v3.5.scd; the numbers of the fields are those of its src/apk_adb.h. The file is one deflate stream of blocks. The
first holds a tree of objects (what the package is called and needs, folders and files with owner, mode and checksum, the
scripts); one more for each file holds its content. There is no signature: `apk add --allow-untrusted`.
"""
import hashlib
import os
import shutil
import stat
import struct
import subprocess
import tempfile
import zlib

# Kinds of a value: the upper four bits of its word. An array is written as an object, as apk itself does it.
INT, INT32, BLOB8, BLOB16, BLOB32, OBJECT = (n << 28 for n in (1, 2, 8, 9, 10, 14))
NULL = 0
# Kinds of a block: the upper two bits of its first word, which also holds the block's length.
TREE, CONTENT = 0, 2

# Places in an object, counted from 1.
PACKAGE = ('info', 'paths', 'scripts')
INFO = ('name', 'version', 'hashes', 'description', 'arch', 'license', 'origin', 'maintainer', 'url', 'repo-commit',
        'build-time', 'installed-size', 'file-size', 'provider-priority', 'depends', 'provides')
DEPENDENCY = ('name', 'version')
SCRIPTS = ('trigger', 'pre-install', 'post-install', 'pre-deinstall', 'post-deinstall', 'pre-upgrade', 'post-upgrade')
FOLDER = ('name', 'acl', 'files')
FILE = ('name', 'acl', 'size', 'mtime', 'hashes', 'target')
ACL = ('mode', 'user', 'group')


class Tree:
    """The first block: values go in from the leaves to the root, each is one word that says where it lies."""

    def __init__(self):
        self.data = bytearray(8)
        self.known = {}

    def put(self, content, alignment):
        where = self.known.get((content, alignment))
        if where is None:
            self.data += bytes(-len(self.data) % alignment)
            where = self.known[content, alignment] = len(self.data)
            self.data += content
        return where

    def blob(self, content):
        if isinstance(content, str):
            content = content.encode()
        if not content:
            return NULL
        for kind, form in ((BLOB8, '<B'), (BLOB16, '<H'), (BLOB32, '<I')):
            width = struct.calcsize(form)
            if len(content) < 1 << 8 * width:
                return kind | self.put(struct.pack(form, len(content)) + content, width)
        raise ValueError('a value of %d bytes' % len(content))

    def integer(self, number):
        if number < 1 << 28:
            return INT | number
        return INT32 | self.put(struct.pack('<I', number), 4)

    def array(self, words):
        if not words:
            return NULL
        return OBJECT | self.put(struct.pack('<%dI' % (len(words) + 1), len(words) + 1, *words), 4)

    def object(self, places, **values):
        words = [values.get(place.replace('-', '_'), NULL) for place in places]
        while words and words[-1] == NULL:
            words.pop()
        return self.array(words)

    def acl(self, mode):
        return self.object(ACL, mode=self.integer(stat.S_IMODE(mode)), user=self.blob('root'), group=self.blob('root'))

    def dependencies(self, names):
        """`name` or `name=version`."""
        parts = [name.partition('=') for name in sorted(names)]
        return self.array([self.object(DEPENDENCY, name=self.blob(name), version=self.blob(version))
                           for name, _, version in parts])

    def finish(self, root):
        struct.pack_into('<BBHI', self.data, 0, 0, 0, 0, root)
        return self.data


def block(kind, content):
    length = 4 + len(content)
    return struct.pack('<I', kind << 30 | length) + content + bytes(-length % 8)


def deflated(data):
    """Without a header. zopfli's is the smaller one, but takes seconds for each megabyte."""
    if len(data) <= 4_000_000 and shutil.which('zopfli'):
        with tempfile.NamedTemporaryFile(prefix='ferrowall-pack.') as f:
            f.write(data)
            f.flush()
            return subprocess.run(['zopfli', '-c', '--i5', '--deflate', f.name], capture_output=True, check=True).stdout
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def folders(root):
    """Each folder below `root` with the names of its files, both sorted; '' is `root` itself."""
    found = []
    for base, inner, names in os.walk(root):
        links = [name for name in inner if os.path.islink(os.path.join(base, name))]
        path = os.path.relpath(base, root)
        found.append(('' if path == '.' else path, sorted(names + links)))
    return sorted(found)


def package(info, scripts, root, time):
    tree = Tree()
    contents = []
    paths = []
    size = 0
    for place, (folder, names) in enumerate(folders(root), 1):
        files = []
        for name in names:
            path = os.path.join(root, folder, name)
            about = os.lstat(path)
            values = {'name': tree.blob(name), 'acl': tree.acl(about.st_mode), 'mtime': tree.integer(time),
                      'size': tree.integer(about.st_size)}
            if stat.S_ISLNK(about.st_mode):
                target = struct.pack('<H', stat.S_IFLNK) + os.readlink(path).encode()
                values['target'] = tree.blob(target)
            else:
                with open(path, 'rb') as f:
                    content = f.read()
                size += len(content)
                values['hashes'] = tree.blob(hashlib.sha256(content).digest())
                if content:
                    contents.append(struct.pack('<II', place, len(files) + 1) + content)
            files.append(tree.object(FILE, **values))
        mode = os.lstat(os.path.join(root, folder)).st_mode
        paths.append(tree.object(FOLDER, name=tree.blob(folder), acl=tree.acl(mode), files=tree.array(files)))

    values = {key: tree.dependencies(value) if isinstance(value, list) else tree.blob(value)
              for key, value in info.items()}
    # What tells two packages of one version apart: a checksum of this block, made while its own place holds zeros.
    identity = tree.blob(bytes(20))
    values.update(hashes=identity, installed_size=tree.integer(size))
    texts = {kind.replace('-', '_'): tree.blob(text) for kind, text in scripts.items()}
    root_object = tree.object(PACKAGE, info=tree.object(INFO, **values), paths=tree.array(paths),
                              scripts=tree.object(SCRIPTS, **texts))
    data = tree.finish(root_object)
    where = (identity ^ BLOB8) + 1
    data[where:where + 20] = hashlib.sha256(data).digest()[:20]

    whole = b'ADB.' + b'pckg' + block(TREE, bytes(data)) + b''.join(block(CONTENT, content) for content in contents)
    return b'ADBd' + deflated(whole)
