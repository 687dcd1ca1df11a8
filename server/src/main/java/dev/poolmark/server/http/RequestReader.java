package dev.poolmark.server.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What of a request is held against the contract. The library's own reader decodes the query twice.
 */
final class RequestReader implements RequestExtractor {

  @Override
  public Future<ValidatableRequest> extractValidatableRequest(
      RoutingContext context, Operation operation) {
    Query query = Query.of(context);
    Map<String, RequestParameter> ofPath = new HashMap<>();
    Map<String, RequestParameter> ofQuery = new HashMap<>();
    for (Parameter parameter : operation.getParameters()) {
      String name = parameter.getName();
      if (parameter.getIn() == Location.PATH) {
        ofPath.put(name, read(parameter, Optional.of(context.pathParam(name))));
      } else if (parameter.getIn() == Location.QUERY) {
        ofQuery.put(name, read(parameter, query.value(name)));
      } else {
        throw new IllegalStateException("no parameter of the contract is elsewhere: " + name);
      }
    }
    Buffer body = context.body().buffer();
    return Future.succeededFuture(
        new ValidatableRequestImpl(
            Map.of(),
            Map.of(),
            ofPath,
            ofQuery,
            new RequestParameterImpl(body),
            context.request().getHeader("Content-Type")));
  }

  /** The validator takes a text for JSON, and puts quotes around what has none. */
  private static RequestParameter read(Parameter parameter, Optional<String> value) {
    boolean text = parameter.getSchemaType() == SchemaType.STRING;
    return new RequestParameterImpl(value.map(v -> text ? Json.encode(v) : v).orElse(null));
  }
}
