//! A path with its handler and its description.

use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::app::App;

/// How a type describes itself.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// One operation: a method on a path.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Below [`super::BASE`], with ids in braces.
    pub(crate) path: &'static str,
    /// One line.
    pub(crate) summary: &'static str,
    /// Query parameters, each with one line.
    pub(crate) filters: Vec<(&'static str, &'static str)>,
    pub(crate) body: Option<Describe>,
    pub(crate) status: StatusCode,
    pub(crate) answer: Option<Describe>,
    pub(crate) handler: MethodRouter<App>,
}

impl Route {
    fn new<H, T>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self {
            method,
            path,
            summary,
            filters: Vec::new(),
            body: None,
            status: StatusCode::OK,
            answer: None,
            handler: on(filter, handler),
        }
    }

    /// Reads.
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path, summary, handler)
    }

    /// Makes or does something.
    pub(crate) fn post<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path, summary, handler)
    }

    /// Replaces.
    pub(crate) fn put<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::new(Method::PUT, MethodFilter::PUT, path, summary, handler)
    }

    /// Changes.
    pub(crate) fn patch<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::new(Method::PATCH, MethodFilter::PATCH, path, summary, handler)
    }

    /// Removes.
    pub(crate) fn delete<H: Handler<T, App>, T: 'static>(
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        let route = Self::new(Method::DELETE, MethodFilter::DELETE, path, summary, handler);
        route.with(StatusCode::NO_CONTENT)
    }

    /// What may be asked for.
    pub(crate) fn filters(mut self, filters: &[(&'static str, &'static str)]) -> Self {
        self.filters.extend(filters);
        self
    }

    /// What is sent.
    pub(crate) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// What comes back.
    pub(crate) fn gives<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// The status of success.
    pub(crate) const fn with(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}
