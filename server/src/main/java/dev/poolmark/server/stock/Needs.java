package dev.poolmark.server.stock;

import org.jspecify.annotations.Nullable;

/**
 * What a run needs besides a lane, fixed when it was asked for: a name may stand for something else
 * by the time that the run starts, or on another node.
 *
 * @param dataSha256 of its data; null where every node has it, or it could not be read
 * @param poolerSha256 of its model, or of the plugin that its pooler is of; null where it is not
 *     known
 */
public record Needs(@Nullable String dataSha256, @Nullable String poolerSha256) {

  /** Whatever is there when it starts. */
  public static final Needs NOTHING = new Needs(null, null);
}
