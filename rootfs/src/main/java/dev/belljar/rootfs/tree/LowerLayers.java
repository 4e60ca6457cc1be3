package dev.belljar.rootfs.tree;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The lower layers of an overlay, walked through side by side as the kernel merges them. */
final class LowerLayers implements AutoCloseable {
  /** One layer; it is absent where its directory is no part of the merged one. */
  private static final class Layer {
    final Place place;
    int absent;

    Layer(Place place) {
      this.place = place;
    }
  }

  private final List<Layer> layers = new ArrayList<>();
  private final OverlayMarks marks;

  LowerLayers(Collection<byte[]> paths, OverlayMarks marks) {
    this.marks = marks;
    try {
      paths.forEach(path -> layers.add(new Layer(Place.at(Syscall.AT_FDCWD, path))));
    } catch (LinuxException failure) {
      Closing.after(failure, this);
      throw failure;
    }
  }

  /** What the merged directory has of a name. */
  Optional<FileDetails> find(byte[] name) {
    for (Layer layer : layers) {
      if (layer.absent > 0) {
        continue;
      }
      Optional<FileDetails> details = FileDetails.of(layer.place.fd(), name);
      if (details.isPresent()) {
        return details.filter(d -> !marks.isWhiteout(layer.place.fd(), name, d));
      }
    }
    return Optional.empty();
  }

  /** The attributes of what the merged directory has of a name, less the marks. */
  SortedMap<String, byte[]> attributes(byte[] name) {
    for (Layer layer : layers) {
      if (layer.absent == 0 && FileDetails.of(layer.place.fd(), name).isPresent()) {
        return marks.attributes(layer.place.fd(), name);
      }
    }
    return new TreeMap<>();
  }

  /** All names of the merged directory. */
  Set<byte[]> names() {
    Set<byte[]> names = new TreeSet<>(Arrays::compareUnsigned);
    for (Layer layer : layers) {
      if (layer.absent == 0) {
        for (DirectoryCalls.Entry entry : layer.place.list()) {
          if (find(entry.name()).isPresent()) {
            names.add(entry.name());
          }
        }
      }
    }
    return names;
  }

  /** Goes into a directory, where there is one. */
  void down(byte[] name) {
    boolean covered = false;
    for (Layer layer : layers) {
      if (layer.absent > 0 || covered) {
        layer.absent++;
        continue;
      }
      Optional<FileDetails> details = FileDetails.of(layer.place.fd(), name);
      if (details.filter(FileDetails::isDirectory).isPresent()) {
        layer.place.down(name);
        covered = marks.isOpaque(layer.place.fd());
      } else {
        layer.absent++;
        covered = details.isPresent();
      }
    }
  }

  void up() {
    for (Layer layer : layers) {
      if (layer.absent > 0) {
        layer.absent--;
      } else {
        layer.place.up();
      }
    }
  }

  @Override
  public void close() {
    Closing.all(layers.stream().map(layer -> layer.place).toList());
  }
}
