/** What the author of a pooler plugin needs, and nothing else. */
@NullMarked
package dev.poolmark.api;

import org.jspecify.annotations.NullMarked;
