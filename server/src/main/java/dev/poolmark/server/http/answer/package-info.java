/** Answers: JSON, and what went wrong as a status and a line. */
@NullMarked
package dev.poolmark.server.http.answer;

import org.jspecify.annotations.NullMarked;
